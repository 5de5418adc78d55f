// Random schemas and documents: what the streaming validator says is the verdict on the whole.

#include "haiga/json/unique_keys.hpp"
#include "haiga/schema/stream.hpp"
#include "haiga/schema/validator.hpp"

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

using namespace haiga;
using schema::stream_state;

namespace stream_random {

using boost::json::array;
using boost::json::object;
using boost::json::value;

/// Schemas and documents of so few names and values that they often have to do with each other.
class writer {
public:
    explicit writer(unsigned seed) : random_(seed) {}

    auto document(int depth) -> value
    {
        switch (below(depth > 0 ? 9 : 7)) {
        case 0: return nullptr;
        case 1: return below(2) == 0;
        case 2: return static_cast<std::int64_t>(below(7)) - 3;
        case 3: return static_cast<double>(below(9)) / 2 - 2;
        case 4:
        case 5:
        case 6: return value(text());
        case 7: {
            array made;
            for (auto n = below(4); n > 0; --n) {
                made.push_back(document(depth - 1));
            }
            return made;
        }
        default: {
            object made;
            for (auto n = below(4); n > 0; --n) {
                made[name()] = document(depth - 1);
            }
            return made;
        }
        }
    }

    auto schema(int depth) -> value
    {
        if (depth == 0 || below(12) == 0) {
            return below(4) != 0 ? value(object()) : value(below(3) != 0);
        }
        object made;
        for (auto n = 1 + below(3); n > 0; --n) {
            add_keyword(made, depth - 1);
        }
        return made;
    }

private:
    auto below(std::size_t n) -> std::size_t { return random_() % n; }

    auto name() -> std::string { return std::string(1, static_cast<char>('a' + below(4))); }

    auto text() -> std::string
    {
        static constexpr std::string_view all[] = {"",  "a",  "ab",     "abc",
                                                   "b", "ba", "\u00e9", "a\n"};
        return std::string(all[below(std::size(all))]);
    }

    auto list(int depth) -> array
    {
        array made;
        for (auto n = 1 + below(3); n > 0; --n) {
            made.push_back(schema(depth));
        }
        return made;
    }

    auto map(int depth) -> object
    {
        object made;
        for (auto n = 1 + below(3); n > 0; --n) {
            made[name()] = schema(depth);
        }
        return made;
    }

    auto names() -> array
    {
        array made;
        for (auto n = below(3); n > 0; --n) {
            made.push_back(value(name()));
        }
        return made;
    }

    void add_keyword(object& to, int depth)
    {
        static constexpr std::string_view types[] = {"null",   "boolean", "integer", "number",
                                                     "string", "array",   "object"};
        static constexpr std::string_view patterns[] = {"^a",   "b$", "^(?:ab?)+$", "(?!a)b",
                                                        "(.)c", "a",  "^[^a]*$",    "(a)\\1"};
        auto const few = [&] { return static_cast<std::int64_t>(below(4)); };
        switch (below(34)) {
        case 0:
        case 1: to["type"] = types[below(7)]; break;
        case 2: to["type"] = {types[below(7)], types[below(7)]}; break;
        case 3: to["enum"] = {document(1), document(1), value(text())}; break;
        case 4: to["const"] = document(1); break;
        case 5: to["minimum"] = few() - 1; break;
        case 6: to["maximum"] = few() - 1; break;
        case 7: to["exclusiveMinimum"] = few() - 1; break;
        case 8: to["exclusiveMaximum"] = few() - 1; break;
        case 9: to["multipleOf"] = few() + 1; break;
        case 10: to["maxLength"] = few(); break;
        case 11: to["minLength"] = few(); break;
        case 12: to["pattern"] = patterns[below(8)]; break;
        case 13: to["maxItems"] = few(); break;
        case 14: to["uniqueItems"] = true; break;
        case 15: to["minItems"] = few(); break;
        case 16: to["maxProperties"] = few(); break;
        case 17: to["required"] = names(); break;
        case 18: to["dependentRequired"] = object{{name(), names()}}; break;
        case 19:
        case 20: to["properties"] = map(depth); break;
        case 21: to["patternProperties"] = object{{patterns[below(8)], schema(depth)}}; break;
        case 22: to["additionalProperties"] = schema(depth); break;
        case 23: to["propertyNames"] = schema(depth); break;
        case 24: to["prefixItems"] = list(depth); break;
        case 25: to["items"] = schema(depth); break;
        case 26:
            to["contains"] = schema(depth);
            to[below(2) == 0 ? "minContains" : "maxContains"] = few();
            break;
        case 27: to["allOf"] = list(depth); break;
        case 28: to["anyOf"] = list(depth); break;
        case 29: to["oneOf"] = list(depth); break;
        case 30: to["not"] = schema(depth); break;
        case 31:
            to["if"] = schema(depth);
            to[below(2) == 0 ? "then" : "else"] = schema(depth);
            break;
        case 32: to["dependentSchemas"] = map(depth); break;
        default: to[below(2) == 0 ? "unevaluatedProperties" : "unevaluatedItems"] = schema(depth);
        }
    }

    std::mt19937 random_;
};

} // namespace stream_random

TEST_CASE("random schemas say the same of a stream as of the whole")
{
    stream_random::writer writer(1);
    int valid = 0;
    int early = 0;
    for (int i = 0; i < 4000; ++i) {
        auto const document = writer.schema(3);
        auto const text_of_schema = boost::json::serialize(document);
        CAPTURE(text_of_schema);
        auto const program = schema::compile(document);
        REQUIRE(program);
        schema::validator ask(*program);
        for (int n = 0; n < 10; ++n) {
            auto const text = boost::json::serialize(writer.document(2)) + ' ';
            CAPTURE(text);
            auto const instance = json::parse_unique(text);
            REQUIRE(instance);
            auto const verdict = ask.accepts(*instance);
            REQUIRE(verdict);
            schema::stream_validator stream(*program);
            for (std::size_t at = 0; at < text.size(); ++at) {
                stream.feed(std::string_view(text).substr(at, 1));
            }
            CHECK(stream.state() == (*verdict ? stream_state::complete : stream_state::failed));
            valid += *verdict ? 1 : 0;
            early += !*verdict && stream.why()->offset + 2 < text.size() ? 1 : 0;
        }
    }
    CHECK(valid > 8000);
    CHECK(valid < 32000);
    CHECK(early > 4000);
}
