// What docs/tool-call-schemas.md shows.

#include "haiga/schema/check_schema.hpp"
#include "haiga/schema/validator.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace tool_call_docs {

constexpr std::string_view weather = R"({
    "type": "object",
    "properties": {"city": {"type": "string"},
                   "days": {"type": "integer", "minimum": 1, "maximum": 14}},
    "required": ["city", "days"],
    "additionalProperties": false})";

auto answer(schema::validator& ask, std::string_view arguments) -> result<std::string>
{
    HAIGA_TRY(auto const value, json::parse(arguments));
    HAIGA_TRY(auto const valid, ask.accepts(value)); // allocates nothing once it is warm
    return valid ? std::string("call the tool") : ask.repair(value);
}

auto complaints(schema::validator& ask, std::string_view text) -> result<std::string>
{
    HAIGA_TRY(auto const value, json::parse(text));
    HAIGA_TRY(auto const found, ask.violations(value, text));
    std::string lines;
    for (auto const& one : found) {
        lines += concat("byte ", *one.offset, ": ", one.instance, ": ", one.message(), '\n');
    }
    return lines;
}

} // namespace tool_call_docs

TEST_CASE("a tool call is judged, and what is wrong with it told")
{
    using namespace tool_call_docs;
    auto const document = json::parse(weather);
    REQUIRE(document);
    auto const program = schema::compile(*document); // once; any number of threads may share it
    REQUIRE(program);
    schema::validator ask(*program); // one a thread
    CHECK(answer(ask, R"({"city": "Oslo", "days": 3})") == "call the tool");
    CHECK(answer(ask, R"({"city": "Oslo", "days": "3"})") ==
          "- at /days: expected an integer, found the string \"3\"\n");
    CHECK(complaints(ask, R"({"city": "Oslo", "days": 30})") ==
          "byte 25: /days: expected at most 14, found 30\n");
    auto const output = ask.output(*json::parse("{}"), schema::output_format::basic);
    REQUIRE(output);
    CHECK(output->at("errors").at(1).at("keywordLocation") == "/required");
}

TEST_CASE("other documents come from a resolver")
{
    auto const document = json::parse(R"({"$ref": "https://example.com/city"})");
    auto const known = [](std::string_view uri) -> result<boost::json::value> {
        if (uri == "https://example.com/city") {
            return json::parse(R"({"type": "string", "minLength": 1})");
        }
        return fail(errc::not_found, "is not in the table");
    };
    static_assert(schema::resolver<decltype(known)>);
    auto const program = schema::compile(*document, {.assert_formats = true}, known);
    REQUIRE(program);
    CHECK_FALSE(*schema::validator(*program).accepts(boost::json::value("")));
    CHECK(schema::check_schema(*document));
}
