// The official suite's instances, arriving in pieces: what is said while they do must agree with
// the verdict on the whole.

#include "haiga/json/unique_keys.hpp"
#include "haiga/schema/stream.hpp"
#include "tests/schema/suite.hpp"

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace haiga;
using schema::stream_state;

namespace stream_suite {

using random_bits = std::mt19937;

auto below(random_bits& random, std::size_t n) -> std::size_t { return random() % n; }

/// Feeds a text in pieces: `cut` gives the length of the next.
template <class Cut>
auto outcome(schema::program const& p, std::string_view text, Cut const& cut)
    -> std::pair<stream_state, std::size_t>
{
    schema::stream_validator stream(p, {.max_depth = 1000});
    for (std::size_t at = 0; at < text.size();) {
        auto const size = std::min(cut(), text.size() - at);
        stream.feed(text.substr(at, size));
        at += size;
    }
    auto const state = stream.finish();
    return {state, state == stream_state::failed ? stream.why()->offset : 0};
}

/// The text, byte by byte, whole and in random pieces: the same outcome, which is the verdict.
void check(schema::program const& p, schema::validator& ask, std::string const& text,
           random_bits& random)
{
    auto const value = json::parse_unique(text, {.max_depth = 1000});
    auto const bytes = outcome(p, text, [] { return std::size_t{1}; });
    auto const whole = outcome(p, text, [&] { return text.size(); });
    auto const pieces = outcome(p, text, [&] { return 1 + below(random, 7); });
    CHECK(bytes == whole);
    CHECK(bytes == pieces);
    if (!value) {
        CHECK(bytes.first == stream_state::failed);
        return;
    }
    auto const verdict = ask.accepts(*value);
    REQUIRE(verdict);
    CHECK((bytes.first == stream_state::complete) == *verdict);
    CHECK((bytes.first == stream_state::failed) != *verdict);
}

/// What a text lacks to be JSON, for most beginnings of JSON.
auto closed(std::string text) -> std::string
{
    std::string open;
    bool in_string = false;
    bool is_key = false;
    char last = 0; // outside of strings
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (in_string) {
            i += c == '\\' ? 1U : 0U;
            in_string = c != '"';
            last = in_string ? last : '"';
        } else if (c == '"') {
            in_string = true;
            is_key = !open.empty() && open.back() == '}' && (last == '{' || last == ',');
        } else if (c != ' ') {
            is_key = false;
            if (c == '{' || c == '[') {
                open += c == '{' ? '}' : ']';
            } else if ((c == '}' || c == ']') && !open.empty()) {
                open.pop_back();
            }
            last = c;
        }
    }
    if (in_string) {
        text += '"';
        last = '"';
    }
    if (is_key) {
        text += ":0";
    } else if (last == ':' || last == '-' || last == '.' || last == 'e') {
        text += '1';
    } else if (last == ',') {
        text += !open.empty() && open.back() == '}' ? R"("zz":[])" : "null";
    }
    return text + std::string(open.rbegin(), open.rend());
}

/// A beginning of one of the texts, some tokens, and what it lacks.
auto mutated(std::vector<std::string> const& texts, random_bits& random) -> std::string
{
    static constexpr std::string_view tokens[] = {
        "\"", "a", "foo", "\"foo\":", "\"bar\":", "1",    "-",       ".5",    "e1", "[",       "]",
        "{",  "}", ",",   ":",        "true",     "null", "\\u00e9", "\"a\"", "12", "\"x\":{", " "};
    auto const& base = texts[below(random, texts.size())];
    auto text = base.substr(0, below(random, base.size() + 1));
    for (auto n = below(random, 4); n > 0; --n) {
        text += tokens[below(random, std::size(tokens))];
    }
    if (below(random, 3) == 0) {
        auto const& other = texts[below(random, texts.size())];
        text += other.substr(below(random, other.size() + 1));
    }
    return closed(std::move(text));
}

} // namespace stream_suite

using namespace stream_suite;

TEST_CASE("the official suite's instances get the same verdict however they arrive")
{
    namespace suite = haiga_test::schema_suite;
    if (suite::folder().empty()) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    random_bits random(1);
    int instances = 0;
    for (auto const draft :
         {schema::dialect::draft7, schema::dialect::draft2019_09, schema::dialect::draft2020_12}) {
        for (auto const& file :
             suite::files_in(suite::folder() / "tests" / suite::name_of(draft))) {
            auto const groups = suite::parsed(file);
            REQUIRE(groups);
            for (auto const& group : groups->as_array()) {
                INFO(file.filename().string(), ": ",
                     std::string(group.at("description").as_string()));
                auto const program =
                    schema::compile(group.at("schema"), {.draft = draft}, suite::remotes);
                REQUIRE(program);
                schema::validator ask(*program);
                std::vector<std::string> texts;
                for (auto const& test : group.at("tests").as_array()) {
                    texts.push_back(boost::json::serialize(test.at("data")));
                    check(*program, ask, texts.back(), random);
                    ++instances;
                }
                for (std::size_t i = 0; i < 20 * texts.size(); ++i) {
                    auto const text = mutated(texts, random);
                    CAPTURE(text);
                    check(*program, ask, text, random);
                }
            }
        }
    }
    CHECK(instances >= 3485); // 927 + 1259 + 1299 of the suite of 2026-11
}
