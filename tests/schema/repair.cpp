#include "haiga/schema/repair.hpp"

#include "tests/schema/asked.hpp"

using namespace haiga;
using haiga_test::compiled;

namespace repair_tests {

auto repair(haiga_test::asked_schema& asked, std::string_view instance) -> std::string
{
    auto const text = asked.ask.repair(*json::parse(instance));
    REQUIRE(text);
    return *text;
}

} // namespace repair_tests

TEST_CASE("a message for a model says where, what was expected, what was found")
{
    auto asked = compiled(R"({"type": "object", "required": ["city", "days"],
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "maximum": 14},
                       "units": {"enum": ["metric", "imperial"]}},
        "additionalProperties": false})");
    CHECK(repair_tests::repair(asked, R"({"city": "Oslo", "days": "3", "unit": "metric"})") ==
          "- at /days: expected an integer, found the string \"3\"\n"
          "- at /unit: expected only the properties \"city\", \"days\" and \"units\", found "
          "\"unit\"\n");
    CHECK(repair_tests::repair(asked, R"({"city": "Oslo", "days": 3})").empty());
    CHECK(repair_tests::repair(asked, "[]") ==
          "- at the root: expected an object, found an empty array\n");
}

TEST_CASE("of several branches the nearest is told")
{
    auto asked = compiled(R"({"oneOf": [
        {"properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}},
         "required": ["kind", "radius"]},
        {"properties": {"kind": {"const": "square"}, "side": {"type": "number"}},
         "required": ["kind", "side"]},
        {"type": "string"}]})");
    CHECK(repair_tests::repair(asked, R"({"kind": "square", "side": "2"})") ==
          "- at the root: expected a value that exactly one of 3 schemas allows, found an object "
          "of 2 "
          "members, which none of them allow; nearest is /oneOf/1, where:\n"
          "- at /side: expected a number, found the string \"2\"\n");
    CHECK(repair_tests::repair(asked, R"({"kind": "circle"})") ==
          "- at the root: expected a value that exactly one of 3 schemas allows, found an object "
          "of 1 "
          "member, which none of them allow; nearest is /oneOf/0, where:\n"
          "- at the root: expected the property \"radius\", found an object without it\n");
}

TEST_CASE("more than a few problems are counted")
{
    auto asked = compiled(R"({"items": {"type": "string"}})");
    auto const text = asked.ask.repair(boost::json::array{1, 2, 3}, 2);
    REQUIRE(text);
    CHECK(*text == "- at /0: expected a string, found the number 1\n"
                   "- at /1: expected a string, found the number 2\n"
                   "- and 1 more\n");
}
