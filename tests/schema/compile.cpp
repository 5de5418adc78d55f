#include "haiga/schema/compile.hpp"

#include "tests/schema/asked.hpp"

using namespace haiga;
using haiga_test::compiled;
using haiga_test::refused;

TEST_CASE("what is no schema is one failure that names the place")
{
    CHECK(refused("3") == "schema at #: a schema must be an object, true or false");
    CHECK(refused(R"({"properties": {"a": []}})") ==
          "schema at #/properties/a: a schema must be an object, true or false");
    CHECK(refused(R"({"minLength": -1})") ==
          R"(schema at #: "minLength" must be a whole number that is not negative)");
    CHECK(refused(R"({"minItems": 1.5})") ==
          R"(schema at #: "minItems" must be a whole number that is not negative)");
    CHECK(refused(R"({"multipleOf": 0})") ==
          R"(schema at #: "multipleOf" must be a number above 0)");
    CHECK(refused(R"({"type": "text"})") ==
          R"(schema at #: "type" must be the name of a type, or an array of them)");
    CHECK(refused(R"({"type": []})") ==
          R"(schema at #: "type" must be the name of a type, or an array of them)");
    CHECK(refused(R"({"enum": 1})") == R"(schema at #: "enum" must be an array)");
    CHECK(refused(R"({"required": "a"})") ==
          R"(schema at #: "required" must be an array of strings)");
    CHECK(refused(R"({"properties": {"a": {}}, "required": [1]})") ==
          R"(schema at #: "required" must be an array of strings)");
    CHECK(refused(R"({"properties": []})") ==
          R"(schema at #: "properties" must be an object of schemas)");
    CHECK(refused(R"({"anyOf": {}})") == R"(schema at #: "anyOf" must be an array of schemas)");
    CHECK(refused(R"({"$ref": 1})") == R"(schema at #: "$ref" must be a string)");
    CHECK(refused(R"({"$id": 1})") == R"(schema: "$id" must be a string)");
    CHECK(refused(R"({"uniqueItems": 1})") ==
          R"(schema at #: "uniqueItems" must be true or false)");
    CHECK(refused(R"({"dependentRequired": {"a": "b"}})") ==
          R"(schema at #: "dependentRequired" must be an array of strings)");
}

TEST_CASE("a reference that leads nowhere is refused with its text")
{
    CHECK(refused(R"({"$ref": "#/$defs/a"})") == R"(schema at #: nothing is at "#/$defs/a")");
    CHECK(refused(R"({"$ref": "#a"})") == R"(schema at #: no schema is called "#a")");
    CHECK(refused(R"({"$ref": "http://x.test/a"})") ==
          "schema at #: schema \"http://x.test/a\": is not in the schema, and no resolver knows "
          "more");
    CHECK(
        refused(R"({"$schema": "http://x.test/meta"})") ==
        "$schema \"http://x.test/meta\": schema \"http://x.test/meta\": is not in the schema, and "
        "no resolver knows more");
}

TEST_CASE("a schema that applies itself to the same value is refused")
{
    CHECK(refused(R"({"$ref": "#"})") == "schema at # applies itself to the same value, for ever");
    CHECK(refused(R"({"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]},
                                "b": {"not": {"$ref": "#/$defs/a"}}},
                      "properties": {"x": {"$ref": "#/$defs/a"}}})")
              .ends_with("applies itself to the same value, for ever"));
    CHECK(compiled(R"({"properties": {"next": {"$ref": "#"}}, "required": ["name"]})")
              .accepts(R"({"name": 1, "next": {"name": 2}})"));
    CHECK_FALSE(compiled(R"({"properties": {"next": {"$ref": "#"}}, "required": ["name"]})")
                    .accepts(R"({"name": 1, "next": {}})"));
}

TEST_CASE("a circle through dynamic references ends in a failure, not in a hang")
{
    auto asked = compiled(R"({"$id": "http://x.test/a", "$dynamicAnchor": "t",
                              "$ref": "b",
                              "$defs": {"b": {"$id": "b", "$defs": {"c": {"$dynamicAnchor": "t"}},
                                              "$dynamicRef": "#t"}}})");
    auto const verdict = asked.ask.accepts(1);
    REQUIRE_FALSE(verdict);
    CHECK(verdict.error().message ==
          "schema: a dynamic reference applies a schema to the same value for ever");
}

TEST_CASE("a resolver is asked for what is in no document")
{
    int asked = 0;
    auto const fetch = [&](std::string_view uri) -> result<boost::json::value> {
        ++asked;
        CHECK(uri == "http://x.test/number");
        return json::parse(R"({"type": "number"})");
    };
    static_assert(schema::resolver<decltype(fetch)>);
    auto const document = json::parse(
        R"({"$id": "http://x.test/root", "items": {"$ref": "number"}, "contains": {"$ref": "number#"}})");
    auto const program = schema::compile(*document, {}, fetch);
    REQUIRE(program);
    CHECK(asked == 1);
    schema::validator ask(*program);
    CHECK(*ask.accepts(boost::json::array{1}));
    CHECK_FALSE(*ask.accepts(boost::json::array{"1"}));
}

TEST_CASE("metaschemas are built in")
{
    for (auto const draft :
         {schema::dialect::draft7, schema::dialect::draft2019_09, schema::dialect::draft2020_12}) {
        auto const uri = std::string(schema::uri_of(draft));
        auto asked = compiled(R"({"$ref": ")" + uri + R"("})");
        CHECK(asked.accepts(R"({"type": "string", "minLength": 3})"));
        CHECK_FALSE(asked.accepts(R"({"properties": {"a": {"minLength": -3}}})"));
        CHECK_FALSE(asked.accepts(R"({"$defs": {}, "definitions": {"a": {"type": "text"}}})"));
    }
}

TEST_CASE("the draft is that of $schema, or the one that is asked for")
{
    std::string_view const tuple = R"({"items": [{"type": "string"}]})";
    CHECK_FALSE(compiled(tuple, {.draft = schema::dialect::draft7}).accepts("[1]"));
    CHECK(refused(tuple).find("a schema must be") != std::string::npos);
    CHECK_FALSE(compiled(R"({"$schema": "http://json-schema.org/draft-07/schema#",
                             "items": [{"type": "string"}]})")
                    .accepts("[1]"));
}

TEST_CASE("a program does not need its schema any more")
{
    auto document =
        json::parse(R"({"const": {"a": ["text that is long enough to be allocated"]}})");
    auto const program = schema::compile(*document);
    REQUIRE(program);
    *document = nullptr;
    schema::validator ask(*program);
    CHECK(*ask.accepts(*json::parse(R"({"a": ["text that is long enough to be allocated"]})")));
}
