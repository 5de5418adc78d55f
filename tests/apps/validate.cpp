#include "tests/apps/desk.hpp"

#include <doctest/doctest.h>

// haiga-words validate: 0 valid, 1 invalid or bad input, 2 usage.

using haiga_test::desk;
using haiga_test::write;

TEST_CASE("haiga-words validate judges a file by another, and by what that refers to")
{
    desk d;
    auto const validate = [&](std::string const& instance,
                              std::vector<std::string> const& more = {}) {
        std::vector<std::string> words{HAIGA_WORDS, "validate", (d / "schema.json").string(),
                                       (d / instance).string()};
        words.insert(words.end(), more.begin(), more.end());
        return d.run(std::move(words));
    };
    write(
        d / "schema.json",
        R"({"properties": {"a": {"$ref": "other file.json#/$defs/n"}, "t": {"format": "date"}}})");
    write(d / "other file.json", R"({"$defs": {"n": {"type": "integer"}}})");
    write(d / "good.json", R"({"a": 1, "t": "today"})");
    write(d / "bad.json", R"({"a": "1"})");
    write(d / "broken.json", R"({"a": )");
    CHECK(validate("good.json") == 0);
    CHECK(d.said().empty());
    CHECK(validate("good.json", {"--formats"}) == 1);
    CHECK_MESSAGE(d.said("/t (byte 14): expected text in the format \"date\", found \"today\""),
                  d.said());
    CHECK(validate("bad.json") == 1);
    CHECK(d.said() == "/a (byte 6): expected an integer, found the string \"1\" "
                      "[/properties/a/$ref/type]\n");
    CHECK(validate("bad.json", {"--output", "flag"}) == 1);
    CHECK(d.said() == "{\n  \"valid\": false\n}\n");
    CHECK(validate("broken.json") == 1);
    CHECK_MESSAGE(d.complained_of("broken.json: JSON: incomplete JSON (at byte 6)"), d.said());
    CHECK(validate("nothing.json") == 1);
    CHECK_MESSAGE(d.complained_of("nothing.json"), d.said());
    CHECK(validate("good.json", {"--draft", "4"}) == 2);
    CHECK(validate("good.json", {"--output", "long"}) == 2);
}

TEST_CASE("haiga-words validate refuses what is no schema, also where nothing refers to it")
{
    desk d;
    write(d / "value.json", "1");
    for (auto const* const text :
         {R"({"$defs": {"a": {"minLength": "3"}}})", R"({"type": "text"})", "3",
          R"({"$ref": "#/a"})", R"({"$ref": "https://example.com/schema"})",
          R"({"pattern": "("})"}) {
        CAPTURE(text);
        write(d / "schema.json", text);
        CHECK(d.run({HAIGA_WORDS, "validate", (d / "schema.json").string(),
                     (d / "value.json").string()}) == 1);
        CHECK_MESSAGE(d.complained_of("schema.json: schema"), d.said());
    }
}
