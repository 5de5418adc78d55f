#include "haiga/schema/validator.hpp"

#include "tests/schema/asked.hpp"

#include <random>

// What the official suite does not ask; see suite.cpp.

using namespace haiga;
using haiga_test::compiled;

TEST_CASE("numbers are compared by what they are worth, not as doubles")
{
    // 2^53 + 1 has no double; 2^63 and 2^64 - 1 lie at the ends of whole numbers.
    CHECK_FALSE(compiled(R"({"maximum": 9007199254740992})").accepts("9007199254740993"));
    CHECK_FALSE(compiled(R"({"const": 9007199254740992.0})").accepts("9007199254740993"));
    CHECK(compiled(R"({"const": 9007199254740992.0})").accepts("9007199254740992"));
    CHECK_FALSE(
        compiled(R"({"exclusiveMaximum": 9223372036854775808})").accepts("9223372036854775808"));
    CHECK(compiled(R"({"exclusiveMaximum": 9223372036854775808})").accepts("9223372036854775807"));
    CHECK(compiled(R"({"maximum": 18446744073709551615})").accepts("18446744073709551615"));
    CHECK_FALSE(compiled(R"({"maximum": 18446744073709551615})").accepts("18446744073709551616"));
    CHECK(compiled(R"({"minimum": -0.5})").accepts("0"));
    CHECK_FALSE(compiled(R"({"minimum": -0.5})").accepts("-1"));
    CHECK_FALSE(compiled(R"({"minimum": 0.5})").accepts("0"));
}

TEST_CASE("a multiple is one in decimal")
{
    CHECK(compiled(R"({"multipleOf": 0.01})").accepts("19.99"));
    CHECK(compiled(R"({"multipleOf": 0.01})").accepts("4.35"));
    CHECK_FALSE(compiled(R"({"multipleOf": 0.01})").accepts("4.351"));
    CHECK(compiled(R"({"multipleOf": 0.1})").accepts("1e300"));
    CHECK_FALSE(compiled(R"({"multipleOf": 3})").accepts("1e300"));
    CHECK(compiled(R"({"multipleOf": 3})").accepts("18446744073709551615")); // 3 * 5 * 17 * ...
    CHECK_FALSE(compiled(R"({"multipleOf": 7})").accepts("18446744073709551615"));
    CHECK(compiled(R"({"multipleOf": 18446744073709551615})").accepts("0"));
    CHECK(compiled(R"({"multipleOf": 1e-300})").accepts("-12"));
    CHECK_FALSE(compiled(R"({"multipleOf": 2.5})").accepts("-4"));
    CHECK(compiled(R"({"multipleOf": 1})").accepts("-9223372036854775808"));
}

TEST_CASE("multiples agree with whole numbers of hundredths")
{
    std::mt19937 random(1);
    int wrong = 0;
    for (int i = 0; i < 5000; ++i) {
        auto const cents = static_cast<std::int64_t>(random() % 100000);
        auto const of = static_cast<std::int64_t>(random() % 500) + 1;
        boost::json::value const number = static_cast<double>(cents) / 100; // nearest to n/100
        boost::json::value const divisor = static_cast<double>(of) / 100;
        auto const found = schema::is_multiple(number, divisor, schema::decimal::of(divisor));
        wrong += found == (cents % of == 0) ? 0 : 1;
    }
    CHECK(wrong == 0);
}

TEST_CASE("lengths are counted in characters")
{
    auto most = compiled(R"({"maxLength": 2})");
    CHECK(most.accepts(R"("\ud83d\ude00\ud83d\ude00")")); // two of four bytes each
    CHECK_FALSE(most.accepts(R"("\u00e9\u00e9\u00e9")"));
    auto least = compiled(R"({"minLength": 3})");
    CHECK_FALSE(least.accepts(R"("\ud83d\ude00\ud83d\ude00")"));
    CHECK(least.accepts(R"("\u00e9\u00e9\u00e9")"));
}

TEST_CASE("equality is JSON's")
{
    auto one = compiled(R"({"const": {"a": [1, {"b": 2.0}], "c": "x"}})");
    CHECK(one.accepts(R"({"c": "x", "a": [1.0, {"b": 2}]})"));
    CHECK_FALSE(one.accepts(R"({"c": "x", "a": [{"b": 2}, 1]})"));
    CHECK_FALSE(one.accepts(R"({"a": [1, {"b": 2}]})"));
    CHECK_FALSE(compiled(R"({"enum": [0, "0", null]})").accepts("false"));
    CHECK(compiled(R"({"enum": [0, "0", null]})").accepts("-0.0"));
    CHECK(compiled(R"({"enum": [0, "0", null]})").accepts(R"("0")"));
    CHECK_FALSE(compiled(R"({"enum": []})").accepts("0"));
}

TEST_CASE("of many items two that are equal are found")
{
    auto unique = compiled(R"({"uniqueItems": true})");
    for (auto const size : {2, 8, 9, 100, 1000}) {
        CAPTURE(size);
        boost::json::array items;
        for (int i = 0; i < size; ++i) { // alike down to the third bracket
            items.push_back(boost::json::array{boost::json::array{boost::json::array{i}}});
        }
        CHECK(*unique.ask.accepts(items));
        items.push_back(boost::json::array{boost::json::array{boost::json::array{0.0}}});
        CHECK_FALSE(*unique.ask.accepts(items));
    }
}

TEST_CASE("patterns, names and the rest of an object's members")
{
    auto object = compiled(R"({"properties": {"a": {"type": "integer"}, "ab": true},
                               "patternProperties": {"^a": {"minimum": 3}, "b$": {"maximum": 9}},
                               "additionalProperties": {"type": "null"},
                               "required": ["a", "z"], "maxProperties": 3})");
    CHECK(object.accepts(R"({"a": 3, "z": null})"));
    CHECK(object.accepts(R"({"a": 3, "ab": 9, "z": null})"));
    CHECK_FALSE(object.accepts(R"({"a": 3})"));                                  // no z
    CHECK_FALSE(object.accepts(R"({"z": null, "ab": 4})"));                      // no a
    CHECK_FALSE(object.accepts(R"({"a": 2, "z": null})"));                       // ^a
    CHECK_FALSE(object.accepts(R"({"a": 3, "ab": 10, "z": null})"));             // b$
    CHECK_FALSE(object.accepts(R"({"a": 3, "z": 1})"));                          // the rest
    CHECK_FALSE(object.accepts(R"({"a": 3, "z": null, "x": null, "y": null})")); // four
    CHECK(object.accepts("[]"));
}

TEST_CASE("a schema of a thousand names finds each")
{
    std::string text = R"({"additionalProperties": false, "properties": {)";
    std::string instance = "{";
    for (int i = 0; i < 1000; ++i) {
        auto const name =
            '"' + std::string(static_cast<std::size_t>(i % 40), 'x') + std::to_string(i) + '"';
        text += (i == 0 ? "" : ",") + name + R"(: {"const": )" + std::to_string(i) + '}';
        instance += (i == 0 ? "" : ",") + name + ": " + std::to_string(i);
    }
    auto object = compiled(text + "}}");
    CHECK(object.accepts(instance + "}"));
    CHECK_FALSE(object.accepts(instance + R"(, "1000": 1000})"));
}

TEST_CASE("content is judged only when that is asked for")
{
    std::string_view const text =
        R"({"contentEncoding": "base64", "contentMediaType": "application/json"})";
    CHECK(compiled(text).accepts(R"("{")"));
    auto asserted = compiled(text, {.assert_content = true});
    CHECK(asserted.accepts(R"("e30=")")); // {}
    CHECK_FALSE(asserted.accepts(R"("ew==")"));
    CHECK_FALSE(asserted.accepts(R"("e30")"));
}

TEST_CASE("what nests choices without an end of its own stops at the limit")
{
    // Each level asks both branches for the level below: 2^40 of them.
    std::string instance = "1";
    for (int i = 0; i < 40; ++i) {
        instance = R"({"a": )" + instance + "}";
    }
    auto const program = schema::compile(*json::parse(
        R"({"anyOf": [{"properties": {"a": {"$ref": "#"}}, "not": {"required": ["a"]}},
                      {"properties": {"a": {"$ref": "#"}}, "not": {"required": ["a"]}},
                      {"type": "number"}]})"));
    REQUIRE(program);
    auto const verdict =
        schema::validator(*program, {.steps = 1000}).accepts(*json::parse(instance));
    REQUIRE_FALSE(verdict);
    CHECK(verdict.error().code == errc::too_large);
}

TEST_CASE("branches that a name tells apart are chosen by it, with the same verdicts")
{
    for (auto const* const word : {"oneOf", "anyOf"}) {
        CAPTURE(word);
        auto asked = compiled(std::string("{\"") + word +
                              R"(": [{"type": "object", "required": ["kind"],
                    "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}},
                   {"$ref": "#/$defs/b"}],
               "$defs": {"b": {"type": "object", "required": ["x", "kind"],
                               "properties": {"kind": {"enum": ["b", "c"]}, "x": {"type": "string"}}}}})");
        CHECK(asked.program->choices.size() == 1);
        CHECK(asked.accepts(R"({"kind": "a", "x": 1})"));
        CHECK(asked.accepts(R"({"kind": "a"})"));
        CHECK(asked.accepts(R"({"x": "1", "kind": "c"})"));
        for (auto const* const wrong :
             {R"({"kind": "b", "x": 1})", R"({"kind": "c"})", R"({"kind": "d", "x": 1})",
              R"({"kind": 1, "x": 1})", R"({"x": 1})", R"(["kind", "a"])", R"("a")", "null"}) {
            CAPTURE(wrong);
            CHECK_FALSE(asked.accepts(wrong));
            CHECK_FALSE(asked.problems(wrong).empty()); // judged by full code
        }
    }
    // Not where the same text is in both, or the name may be missing, or the value is another's.
    for (auto const* const text :
         {R"({"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": "a"}}},
                        {"type": "object", "required": ["k"], "properties": {"k": {"const": "a"}}}]})",
          R"({"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}}},
                        {"type": "object", "required": ["k"], "properties": {"k": {"const": "b"}}}]})",
          R"({"oneOf": [{"required": ["k"], "properties": {"k": {"const": "a"}}},
                        {"type": "object", "required": ["k"], "properties": {"k": {"const": "b"}}}]})"}) {
        CHECK(compiled(text).program->choices.empty());
    }
}

TEST_CASE("limits on numbers hold to the last bit")
{
    auto open = compiled(R"({"exclusiveMinimum": 0.5, "exclusiveMaximum": 3})");
    CHECK(open.accepts("0.5000000000000001")); // the next double
    CHECK_FALSE(open.accepts("0.5"));
    CHECK(open.accepts("2.9999999999999996"));
    CHECK_FALSE(open.accepts("3.0"));
    CHECK(open.accepts("1"));
    CHECK(open.accepts("2"));
    CHECK_FALSE(open.accepts("0"));
    CHECK_FALSE(open.accepts("3"));
    CHECK_FALSE(open.accepts("18446744073709551615"));
    auto least = compiled(R"({"minimum": -0.5})");
    CHECK(least.accepts("18446744073709551615"));
    CHECK(least.accepts("1e300"));
    CHECK_FALSE(least.accepts("-1e300"));
    CHECK(*least.ask.accepts(boost::json::value(std::uint64_t{0})));
    CHECK_FALSE(*compiled(R"({"minimum": 1})").ask.accepts(boost::json::value(std::uint64_t{0})));
}
