#include "haiga/schema/report.hpp"

#include "tests/schema/asked.hpp"

using namespace haiga;
using haiga_test::compiled;

TEST_CASE("every keyword says where it stands, what it expected and what was found")
{
    auto const says = [](std::string_view schema, std::string_view instance) {
        return compiled(schema).problems(instance);
    };
    CHECK(says(R"({"type": ["string", "null"]})", "3") ==
          " /type: expected a string or null, found the number 3\n");
    CHECK(says(R"({"type": "integer"})", "1.5") ==
          " /type: expected an integer, found the number 1.5\n");
    CHECK(says(R"({"const": {"a": 1}})", "{}") ==
          " /const: expected an object of 1 member, found an empty object\n");
    CHECK(says(R"({"enum": ["a", "b", 3]})", "\"c\"") ==
          " /enum: expected one of \"a\", \"b\", 3, found the string \"c\"\n");
    CHECK(says(R"({"multipleOf": 0.5})", "1.2") ==
          " /multipleOf: expected a multiple of 0.5, found 1.2\n");
    CHECK(says(R"({"minimum": 1, "exclusiveMaximum": 0})", "0") ==
          " /minimum: expected at least 1, found 0\n"
          " /exclusiveMaximum: expected less than 0, found 0\n");
    CHECK(says(R"({"minLength": 3, "maxLength": 4})", "\"ab\"") ==
          " /minLength: expected at least 3 characters, found 2 in \"ab\"\n");
    CHECK(says(R"({"pattern": "^a"})", "\"b\"") ==
          " /pattern: expected text that matches \"^a\", found \"b\"\n");
    CHECK(says(R"({"minItems": 1})", "[]") == " /minItems: expected at least 1 element, found 0\n");
    CHECK(says(R"({"uniqueItems": true})", "[1, 2, 1.0]") ==
          " /uniqueItems: expected elements that all differ, found equal ones at 0 and 2\n");
    CHECK(says(R"({"required": ["a", "b", "c"]})", R"({"b": 1})") ==
          " /required: expected the properties \"a\" and \"c\", found an object without them\n");
    CHECK(says(R"({"dependentRequired": {"a": ["b"]}})", R"({"a": 1})") ==
          " /dependentRequired: expected the property \"b\" beside \"a\", found an object without "
          "it\n");
    CHECK(says(R"({"maxProperties": 1})", R"({"a": 1, "b": 1})") ==
          " /maxProperties: expected at most 1 property, found 2\n");
    CHECK(says(R"({"contains": {"type": "null"}, "minContains": 2})", "[null, 1]") ==
          " /contains: expected at least 2 elements that \"contains\" allows, found 1 of them\n");
    CHECK(says(R"({"not": {"type": "null"}})", "null") ==
          " /not: expected a value that \"not\" does not describe, found null\n");
    CHECK(
        says(R"({"oneOf": [{}, true]})", "1") ==
        " /oneOf: expected a value that exactly one of 2 schemas allows, found the number 1, which "
        "2 of them allow\n");
    CHECK(says("false", "1") == " : expected nothing, found the number 1\n");
    CHECK(says(R"({"properties": {"a": {}}, "additionalProperties": false})", R"({"b": 1})") ==
          "/b /additionalProperties: expected only the properties \"a\", found \"b\"\n");
    CHECK(says(R"({"prefixItems": [{}], "items": false})", "[1, 2]") ==
          "/1 /items: expected at most 1 element, found 2\n");
}

TEST_CASE("all that is wrong is told, and nothing else")
{
    auto asked = compiled(R"({
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/positive"}, "b/c": {"items": {"type": "string"}},
                       "d": {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 5}}},
        "required": ["e"],
        "anyOf": [{"required": ["x"]}, {}],
        "$defs": {"positive": {"$id": "http://x.test/positive", "allOf": [{"minimum": 1}]}}})");
    CHECK(asked.problems(R"({"a": 0, "b/c": ["x", 1, null], "d": 4})") ==
          " /required: expected the property \"e\", found an object without it\n"
          "/a /properties/a/$ref/allOf/0/minimum: expected at least 1, found 0\n"
          "/b~1c/1 /properties/b~1c/items/type: expected a string, found the number 1\n"
          "/b~1c/2 /properties/b~1c/items/type: expected a string, found null\n"
          "/d /properties/d/else/minimum: expected at least 5, found 4\n");
    CHECK(asked.problems(R"({"e": 1, "a": 3, "d": "xy"})").empty());
    auto const found = asked.ask.violations(*json::parse(R"({"e": 1, "a": 0})"));
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->at(0).absolute_location == "http://x.test/positive#/allOf/0/minimum");
}

TEST_CASE("names that are refused are told at the object that has them")
{
    CHECK(compiled(R"({"propertyNames": {"maxLength": 2}})").problems(R"({"abc": 1, "d": 2})") ==
          " /propertyNames/maxLength: expected at most 2 characters, found 3 in \"abc\"\n");
}

TEST_CASE("for text, the byte is told at which a wrong value begins")
{
    auto asked =
        compiled(R"({"properties": {"a": {"items": {"type": "string"}}, "k\"": {"const": 1}}})");
    std::string_view const text = R"( {"x": [[1]], "a" : ["y", {"z": "]"}, 12 ], "k\"": 2} )";
    auto const found = asked.ask.violations(*json::parse(text), text);
    REQUIRE(found);
    REQUIRE(found->size() == 3);
    CHECK(found->at(0).offset == text.find(R"({"z")"));
    CHECK(found->at(1).offset == text.find("12"));
    CHECK(found->at(2).offset == text.find("2}"));
}

TEST_CASE("the anchor of a reference has its place too")
{
    auto asked =
        compiled(R"({"$ref": "#n", "$defs": {"a": {"items": {"$anchor": "n", "type": "null"}}}})");
    auto const found = asked.ask.violations(1);
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->at(0).keyword_location == "/$ref/type");
    CHECK(found->at(0).absolute_location == "#/$defs/a/items/type");
}

TEST_CASE("no more is told than is asked for")
{
    auto asked = compiled(R"({"items": false})");
    auto const found = asked.ask.violations(boost::json::array{1, 2, 3, 4}, 2);
    REQUIRE(found);
    CHECK(found->size() == 2);
}

TEST_CASE("verdicts and reports agree")
{
    auto asked = compiled(R"({"type": "object", "unevaluatedProperties": false,
        "anyOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "string"}}}],
        "if": {"required": ["c"]}, "then": {"properties": {"c": {"contains": {"const": 1}}}},
        "dependentSchemas": {"a": {"required": ["b"]}}})");
    for (auto const* const text :
         {"{}", R"({"a": 1})", R"({"a": 1, "b": "x"})", R"({"a": 1, "b": 2})", R"({"d": 1})",
          R"({"c": [1]})", R"({"c": [2]})", "[]", R"({"b": "x", "c": [1, 2]})"}) {
        CAPTURE(std::string(text));
        CHECK(asked.accepts(text) == asked.problems(text).empty());
    }
}
