#include "haiga/schema/validator.hpp"

#include "tests/schema/asked.hpp"

#include <boost/json/monotonic_resource.hpp>

#include <chrono>
#include <memory>

// Boost.JSON copies and destroys nested values by recursion; in a monotonic_resource it need not.

using namespace haiga;

namespace deep_tests {

auto repeated(std::string_view piece, int times) -> std::string
{
    std::string text;
    for (int i = 0; i < times; ++i) {
        text += piece;
    }
    return text;
}

/// A value as deep as it likes, and its memory.
class deep_value {
public:
    explicit deep_value(boost::json::value const& innermost) : value_(make(innermost)) {}

    auto in_arrays(int times) && -> deep_value
    {
        for (int i = 0; i < times; ++i) {
            boost::json::array outer(&*memory_);
            outer.push_back(std::move(*value_));
            *value_ = std::move(outer);
        }
        return std::move(*this);
    }

    auto in_objects(std::string_view name, int times) && -> deep_value
    {
        for (int i = 0; i < times; ++i) {
            boost::json::object outer(&*memory_);
            outer.emplace(name, std::move(*value_));
            *value_ = std::move(outer);
        }
        return std::move(*this);
    }

    auto operator*() const -> boost::json::value const& { return *value_; }

private:
    auto make(boost::json::value const& from) -> boost::json::value*
    {
        auto* const place =
            memory_->allocate(sizeof(boost::json::value), alignof(boost::json::value));
        return new (place) boost::json::value(from, &*memory_);
    }

    std::unique_ptr<boost::json::monotonic_resource> memory_ =
        std::make_unique<boost::json::monotonic_resource>();
    boost::json::value* value_; ///< never destroyed
};

constexpr int levels = 100000;

} // namespace deep_tests

using deep_tests::deep_value;
using deep_tests::levels;
using deep_tests::repeated;

TEST_CASE("an instance of a hundred thousand levels is judged, and told of")
{
    auto asked = haiga_test::compiled(
        R"({"type": ["array", "null"], "items": {"$ref": "#"}, "uniqueItems": true})");
    auto const good = deep_value(nullptr).in_arrays(levels);
    CHECK(*asked.ask.accepts(*good));
    auto const bad = deep_value(1).in_arrays(levels);
    CHECK_FALSE(*asked.ask.accepts(*bad));
    auto const found = asked.ask.violations(*bad);
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->at(0).instance == repeated("/0", levels));
    CHECK(*asked.ask.repair(*bad) ==
          "- at " + repeated("/0", levels) + ": expected an array or null, found the number 1\n");
    auto const output = asked.ask.output(*bad, schema::output_format::verbose);
    REQUIRE_FALSE(output);
    CHECK(output.error().code == errc::too_large);
}

TEST_CASE("objects, choices and marks go as deep")
{
    auto const value = deep_value(boost::json::object()).in_objects("a", levels);
    for (auto const* const text :
         {R"({"additionalProperties": {"$ref": "#"}})",
          R"({"patternProperties": {"^a$": {"$ref": "#"}}, "additionalProperties": false})",
          R"({"anyOf": [{"type": "array"}, {"properties": {"a": {"$ref": "#"}}}]})",
          R"({"allOf": [{"properties": {"a": {"$ref": "#"}}}], "unevaluatedProperties": false})",
          R"({"$dynamicAnchor": "t", "properties": {"a": {"$dynamicRef": "#t"}}})",
          R"({"if": {"required": ["a"]}, "then": {"properties": {"a": {"$ref": "#"}}}})"}) {
        CAPTURE(std::string(text));
        auto asked = haiga_test::compiled(text);
        CHECK(*asked.ask.accepts(*value));
    }
}

TEST_CASE("deep values are compared and hashed without recursion")
{
    schema::equal_scratch pairs;
    auto const one = deep_value(1).in_arrays(levels);
    CHECK(schema::equal(*one, *deep_value(1.0).in_arrays(levels), pairs));
    CHECK_FALSE(schema::equal(*one, *deep_value(2).in_arrays(levels), pairs));
    schema::hash_scratch values;
    auto const two = deep_value(2).in_arrays(levels);
    CHECK(schema::hash_to_depth(*one, 1000, values) == schema::hash_to_depth(*two, 1000, values));
    CHECK(schema::hash_to_depth(*one, levels, values) !=
          schema::hash_to_depth(*two, levels, values));
}

TEST_CASE("a schema of many levels is compiled, or refused")
{
    auto const nested =
        deep_value(boost::json::object{{"type", "null"}}).in_objects("items", levels);
    auto const program = schema::compile(*nested);
    REQUIRE(program);
    schema::validator ask(*program);
    CHECK(*ask.accepts(*deep_value(nullptr).in_arrays(levels)));
    auto const bad = deep_value(1).in_arrays(levels);
    CHECK_FALSE(*ask.accepts(*bad));
    CHECK(ask.violations(*bad)->size() == 1);

    auto const constant = deep_value(1).in_arrays(levels).in_objects("const", 1);
    auto const refused = schema::compile(*constant);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "schema at #: \"const\" goes more than 512 brackets deep");
    CHECK(schema::compile(*deep_value(1).in_arrays(levels).in_objects("x", 1)));
}

TEST_CASE("a chain of references as long as a schema is compiled")
{
    std::string text = R"({"$ref": "#/$defs/0", "$defs": {)";
    constexpr int links = 20000;
    for (int i = 0; i < links; ++i) {
        text +=
            '"' + std::to_string(i) + R"(": {"$ref": "#/$defs/)" + std::to_string(i + 1) + "\"},";
    }
    text += '"' + std::to_string(links) + R"(": {"type": "null"}}})";
    auto asked = haiga_test::compiled(text);
    CHECK(asked.accepts("null"));
    CHECK_FALSE(asked.accepts("1"));
}

TEST_CASE("a pattern of a megabyte is refused or judged")
{
    auto const text = std::string(1U << 20U, 'a');
    for (auto const& pattern : {text, "(" + text + ")*", repeated("(a|b)*", 170000)}) {
        auto const program = schema::compile(boost::json::object{{"pattern", pattern}});
        if (!program) {
            CHECK(program.error().code == errc::too_large);
            CHECK(program.error().to_string().size() < 3000);
            continue;
        }
        auto const verdict = schema::validator(*program).accepts(boost::json::value(text));
        CHECK((verdict ? *verdict : verdict.error().code == errc::too_large));
    }
}

TEST_CASE("many elements that are alike at first take no square of their number")
{
    // 2,000 arrays that differ in their last element only: pairs would be two million comparisons
    // of 300 elements each.
    boost::json::array items;
    for (int i = 0; i < 2000; ++i) {
        boost::json::array inner(300, 0);
        inner.back() = boost::json::array{boost::json::array{i}};
        items.push_back(std::move(inner));
    }
    auto asked = haiga_test::compiled(R"({"uniqueItems": true})");
    auto const start = std::chrono::steady_clock::now();
    CHECK(*asked.ask.accepts(items));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5)); // 0.1 s when idle
}
