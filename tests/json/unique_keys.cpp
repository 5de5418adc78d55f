#include "haiga/json/unique_keys.hpp"

#include <doctest/doctest.h>

#include <string>

using haiga::json::check_unique_keys;

TEST_CASE("keys may repeat in different objects only")
{
    CHECK(check_unique_keys(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})"));
    CHECK(check_unique_keys("[]"));
    auto const twice = check_unique_keys(R"({"x": {"a": 1, "b": 2, "a": 3}})");
    REQUIRE_FALSE(twice);
    CHECK(twice.error().message == R"(JSON: key "a" occurs twice)");
    CHECK_FALSE(check_unique_keys(R"({"a": 1, "\u0061": 2})")); // written otherwise, the same key
}

TEST_CASE("a document with a repeated key is not parsed")
{
    CHECK(haiga::json::parse_unique(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})"));
    for (auto const* const text :
         {R"({"x": [{"a": 1, "b": 2, "a": 3}]})", R"({"a": 1, "\u0061": 2})",
          R"({"a": {"b": 1}, "a": {"b": 1, "c": 2}})"}) {
        auto const twice = haiga::json::parse_unique(text);
        REQUIRE_FALSE(twice);
        CHECK(twice.error().message == R"(JSON: key "a" occurs twice)");
    }
    CHECK_FALSE(haiga::json::parse_unique("{"));
}

TEST_CASE("long keys arrive in parts")
{
    std::string const key(10'000, 'k');
    CHECK_FALSE(check_unique_keys("{\"" + key + "\": 1, \"" + key + "\": 2}"));
    CHECK(check_unique_keys("{\"" + key + "1\": 1, \"" + key + "2\": 2}"));
}
