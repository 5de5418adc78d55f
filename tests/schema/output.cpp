#include "haiga/schema/output.hpp"

#include "tests/schema/asked.hpp"
#include "tests/schema/suite.hpp"

using namespace haiga;
using haiga_test::compiled;
namespace official = haiga_test::schema_suite;

namespace output_tests {

auto output(haiga_test::asked_schema& asked, std::string_view instance,
            schema::output_format format) -> boost::json::value
{
    auto const made = asked.ask.output(*json::parse(instance), format);
    REQUIRE(made);
    return *made;
}

/// The suite writes its output tests for the draft that follows 2020-12, whose validation keywords
/// are the same: its metaschema is told to be one of these.
auto fetch(std::string_view uri) -> result<boost::json::value>
{
    if (uri == "https://json-schema.org/v1") {
        return json::parse(R"({"$id": "https://json-schema.org/v1",
                               "$schema": "https://json-schema.org/draft/2020-12/schema"})");
    }
    if (uri == "https://json-schema.org/v1/output/schema") {
        return official::parsed(official::folder() / "output-tests/v1/output-schema.json");
    }
    return fail(errc::not_found, "is not known to the output tests");
}

} // namespace output_tests

TEST_CASE("the official suite: output")
{
    if (official::folder().empty()) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    int cases = 0;
    for (auto const& file : official::files_in(official::folder() / "output-tests/v1/content")) {
        auto const groups = official::parsed(file);
        REQUIRE(groups);
        for (auto const& group : groups->as_array()) {
            auto const program = schema::compile(group.at("schema"), {}, output_tests::fetch);
            REQUIRE(program);
            for (auto const& test : group.at("tests").as_array()) {
                CAPTURE(file.string());
                schema::validator ask(*program);
                auto const list = ask.output(test.at("data"), schema::output_format::list);
                auto const tree = ask.output(test.at("data"), schema::output_format::hierarchical);
                REQUIRE(list);
                REQUIRE(tree);
                auto const wanted =
                    schema::compile(test.at("output").at("list"), {}, output_tests::fetch);
                REQUIRE(wanted);
                CHECK(*schema::validator(*wanted).repair(*list) == "");
                auto const general = schema::compile(
                    boost::json::object{{"$ref", "https://json-schema.org/v1/output/schema"}}, {},
                    output_tests::fetch);
                REQUIRE(general);
                CHECK(*schema::validator(*general).repair(*tree) == "");
                ++cases;
            }
        }
    }
    CHECK(cases == 3); // as many as the suite has for the draft
}

TEST_CASE("flag and basic")
{
    using enum schema::output_format;
    auto asked = compiled(R"({"$id": "http://x.test/s", "title": "T",
                              "properties": {"a": {"type": "string", "default": "d"}}})");
    CHECK(output_tests::output(asked, "{}", flag) == *json::parse(R"({"valid": true})"));
    CHECK(output_tests::output(asked, R"({"a": "x"})", basic) == *json::parse(R"({"valid": true,
        "annotations": [
            {"valid": true, "keywordLocation": "/title", "absoluteKeywordLocation": "http://x.test/s#/title",
             "instanceLocation": "", "annotation": "T"},
            {"valid": true, "keywordLocation": "/properties",
             "absoluteKeywordLocation": "http://x.test/s#/properties", "instanceLocation": "",
             "annotation": ["a"]},
            {"valid": true, "keywordLocation": "/properties/a/default",
             "absoluteKeywordLocation": "http://x.test/s#/properties/a/default",
             "instanceLocation": "/a", "annotation": "d"}]})"));
    CHECK(output_tests::output(asked, R"({"a": 1})", basic) == *json::parse(R"({"valid": false,
        "errors": [
            {"valid": false, "keywordLocation": "", "absoluteKeywordLocation": "http://x.test/s#",
             "instanceLocation": "", "error": "the value is not valid"},
            {"valid": false, "keywordLocation": "/properties/a/type",
             "absoluteKeywordLocation": "http://x.test/s#/properties/a/type",
             "instanceLocation": "/a", "error": "expected a string, found the number 1"}]})"));
}

TEST_CASE("detailed condenses what verbose tells whole")
{
    using enum schema::output_format;
    auto asked =
        compiled(R"({"allOf": [{"properties": {"a": {"type": "string"}}}, {"minProperties": 1}]})");
    CHECK(output_tests::output(asked, R"({"a": 1})", detailed) == *json::parse(R"({"valid": false,
        "keywordLocation": "", "absoluteKeywordLocation": "#", "instanceLocation": "",
        "errors": [{"valid": false, "keywordLocation": "/allOf/0/properties/a/type",
                    "absoluteKeywordLocation": "#/allOf/0/properties/a/type",
                    "instanceLocation": "/a", "error": "expected a string, found the number 1"}]})"));
    auto const whole = output_tests::output(asked, R"({"a": 1})", verbose);
    auto const& branches = whole.at("errors").at(0).at("errors");
    CHECK(branches.at(0).at("keywordLocation") == "/allOf/0");
    CHECK(branches.at(0).at("valid") == false);
    CHECK(branches.at(1).at("keywordLocation") == "/allOf/1");
    CHECK(branches.at(1).at("valid") == true);
}

TEST_CASE("what a failing schema says of a value is dropped")
{
    using enum schema::output_format;
    auto asked = compiled(R"({"anyOf": [{"title": "A", "type": "string"}, {"title": "B"}]})");
    auto const made = output_tests::output(asked, "1", basic);
    REQUIRE(made.at("annotations").as_array().size() == 1);
    CHECK(made.at("annotations").at(0).at("annotation") == "B");
}
