#include "haiga/schema/strict.hpp"
#include "haiga/schema/derive.hpp"

#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace strict_test {

using schema::strict_form;
using schema::unexpressed;
using enum schema::vendor;

auto value(std::string_view text) { return json::parse(text).value(); }

auto strict(std::string_view text, schema::vendor who)
{
    auto form = strict_form(value(text), who);
    REQUIRE_MESSAGE(form, (form ? std::string() : form.error().message));
    return *std::move(form);
}

auto message(std::string_view text, schema::vendor who)
{
    return strict_form(value(text), who).error().message;
}

constexpr auto order = R"({"$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object", "required": ["name"], "properties": {
      "name": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$", "description": "Whose."},
      "count": {"type": "integer", "minimum": 1, "default": 1},
      "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": true},
      "day": {"type": "string", "format": "date"}, "at": {"type": "string", "format": "iri"}}})";

TEST_CASE("objects are closed, and what a vendor has no keyword for is told in words")
{
    auto const form = strict(order, anthropic);
    CHECK(form.schema == value(R"({"type": "object", "properties": {
        "name": {"type": "string", "description": "Whose. {minLength: 1, pattern: \"^[a-z]+$\"}"},
        "count": {"type": "integer", "description": "{minimum: 1, default: 1}"},
        "tags": {"type": "array", "items": {"type": "string"},
                 "description": "{minItems: 2, uniqueItems: true}"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "description": "{format: \"iri\"}"}},
        "required": ["name"], "additionalProperties": false})"));
    CHECK(form.lost ==
          std::vector<unexpressed>{{"/properties/name/minLength", "moved into the description"},
                                   {"/properties/name/pattern", "moved into the description"},
                                   {"/properties/count/minimum", "moved into the description"},
                                   {"/properties/tags/minItems", "moved into the description"},
                                   {"/properties/tags/uniqueItems", "moved into the description"},
                                   {"/properties/at/format", "moved into the description"}});
}

TEST_CASE("where every property is required, what may be left out may be null instead")
{
    auto const form = strict(order, openai);
    auto const& properties = form.schema.at("properties");
    CHECK(form.schema.at("required") == value(R"(["name", "count", "tags", "day", "at"])"));
    CHECK(properties.at("name").at("pattern") == "^[a-z]+$"); // OpenAI has patterns and ranges
    CHECK(properties.at("count") == value(R"({"anyOf": [
        {"type": "integer", "minimum": 1, "description": "{default: 1}"}, {"type": "null"}]})"));
    CHECK(std::ranges::count(form.lost, std::string("null instead of left out"),
                             &unexpressed::what) == 4);
    auto const already = strict(R"({"type": "object", "properties": {
        "a": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "b": {"type": ["null", "number"]}}})",
                                openai);
    CHECK(already.schema.at("properties").at("a").at("anyOf").as_array().size() == 2);
    CHECK(already.schema.at("properties").at("b").as_object().size() == 1);
}

TEST_CASE("oneOf becomes anyOf, and allOf of objects one object")
{
    auto const either = R"({"type": "object", "properties": {"x": {"oneOf": [
        {"type": "string"}, {"const": 3}]}}, "required": ["x"]})";
    for (auto const who : {anthropic, openai}) {
        auto const form = strict(either, who);
        CHECK(form.schema.at("properties").at("x") ==
              value(R"({"anyOf": [{"type": "string"}, {"const": 3}]})"));
        CHECK(form.lost == std::vector<unexpressed>{
                               {"/properties/x/oneOf", "one of these became any of these"}});
        auto const both = strict(R"({"allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"type": "number"}}, "required": ["b"]}]})",
                                 who);
        CHECK(both.schema == value(R"({"type": "object", "properties": {"a": {"type": "string"},
            "b": {"type": "number"}}, "required": ["a", "b"], "additionalProperties": false})"));
        CHECK(both.lost.empty());
    }
    auto const mixed =
        R"({"type": "object", "properties": {"a": {"allOf": [{"$ref": "#/$defs/t"}]}},
        "required": ["a"], "$defs": {"t": {"type": "string"}}})";
    CHECK(strict(mixed, anthropic).schema.at("properties").at("a").at("allOf").as_array().size() ==
          1);
    CHECK(strict(mixed, openai).lost ==
          std::vector<unexpressed>{{"/properties/a/allOf", "moved into the description"}});
}

TEST_CASE("what is lost is listed: open objects, conditions, any value")
{
    auto const form = strict(R"({"type": "object", "properties": {"any": true, "map":
        {"type": "object", "additionalProperties": {"type": "number"}}}, "required": ["any", "map"],
        "if": {"required": ["any"]}, "not": {}, "$ref": "https://example.com/s"})",
                             anthropic);
    std::vector<std::string> where;
    for (auto const& one : form.lost) {
        where.push_back(one.pointer);
    }
    CHECK(where == std::vector<std::string>{"/properties/any",
                                            "/properties/map/additionalProperties", "/if", "/not",
                                            "/$ref"});
    CHECK(form.schema.at("properties").at("map").at("additionalProperties") == false);
}

TEST_CASE("what is required without a schema may be anything")
{
    auto const form = strict(R"({"required": ["a"]})", openai);
    CHECK(form.schema == value(R"({"type": "object", "properties": {"a": {}}, "required": ["a"],
                                   "additionalProperties": false})"));
    CHECK(form.lost == std::vector<unexpressed>{{"/required", R"("a" has no schema)"}});
}

TEST_CASE("a schema that refers to itself is strict with one vendor and not with the other")
{
    constexpr auto tree = R"({"type": "object", "properties": {"a": {"$ref": "#/$defs/a%20b"}},
        "required": ["a"], "$defs": {"a b": {"type": "object", "properties": {"c":
        {"type": "array", "items": {"$ref": "#/$defs/c"}}}, "required": ["c"]},
        "c": {"anyOf": [{"$ref": "#/$defs/a%20b"}, {"type": "null"}]}}})";
    CHECK(strict(tree, openai).lost.empty());
    CHECK(message(tree, anthropic) ==
          "/$defs/a b: refers to itself, which anthropic does not take");
    constexpr auto line = R"({"type": "object", "properties": {"a": {"$ref": "#/$defs/a"},
        "b": {"$ref": "#/$defs/a"}}, "required": ["a", "b"], "$defs": {"a": {"$ref": "#/$defs/b"},
        "b": {"type": "string"}}})";
    CHECK(strict(line, anthropic).lost.empty());
    CHECK(message(R"({"type": "object", "properties": {"a": {"$ref": "#"}}})", anthropic) ==
          "#: refers to itself, which anthropic does not take");
}

TEST_CASE("what has no strict form is refused with one reason")
{
    CHECK(message("[]", anthropic) == "what is there is no schema that a strict form has");
    CHECK(message(R"({"properties": {"a": false}})", anthropic) ==
          "/properties/a: false, which nothing conforms to, is no schema that a strict form has");
    CHECK(message(R"({"properties": []})", openai) == "/properties: expected an object of schemas");
    CHECK(message(R"({"anyOf": {}})", openai) == "/anyOf: expected an array of schemas");
    CHECK(message(R"({"type": "string"})", openai) == "the root must be an object, and no choice");
    CHECK(message(R"({"properties": {"a": {"$ref": "#/$defs/x"}}})", anthropic) ==
          R"(/properties/a: refers to "/$defs/x", which is not there)");
    std::string deep = R"({"type": "string"})";
    for (int i = 0; i < 11; ++i) {
        deep = R"({"type": "object", "required": ["a"], "properties": {"a": )" + deep + "}}";
    }
    CHECK(
        message(deep, openai) ==
        "11 properties, 0 values of enumerations, 11 levels of objects; at most 5000, 1000 and 10 "
        "are taken");
    CHECK(strict(deep, anthropic).lost.empty());
    boost::json::value bottomless{{"type", "string"}};
    for (int i = 0; i < 1000; ++i) {
        bottomless = boost::json::value{{"items", bottomless}};
    }
    CHECK(strict_form(bottomless, anthropic).error().code == errc::too_large);
    CHECK_FALSE(schema::find_vendor("acme"));
    CHECK(schema::find_vendor("openai") == openai);
}

TEST_CASE("a strict form is its own strict form")
{
    for (auto const who : {anthropic, openai}) {
        auto const once = strict(order, who);
        auto const twice = strict_form(boost::json::value(once.schema), who).value();
        CHECK(twice.schema == once.schema);
        CHECK(twice.lost.empty());
    }
}

} // namespace strict_test
