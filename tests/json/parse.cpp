#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace haiga;

TEST_CASE("a document is parsed")
{
    auto const value = json::parse(R"({"a": [1, 2.5, "\u00e9"], "b": null})");
    REQUIRE(value);
    CHECK(value->at("a").at(2).as_string() == "\xc3\xa9");
    CHECK(value->at("b").is_null());
}

TEST_CASE("what is wrong is told with its place")
{
    auto const check = [](std::string_view text, errc code, std::uint64_t offset) {
        CAPTURE(std::string(text));
        auto const value = json::parse(text);
        REQUIRE_FALSE(value);
        CHECK(value.error().code == code);
        CHECK(value.error().offset == offset);
        CHECK(value.error().message.starts_with("JSON: "));
    };
    check("", errc::truncated, 0);
    check(R"({"a": [1,)", errc::truncated, 9);
    check(R"({"a": tru})", errc::invalid, 6);
    check("{} {}", errc::invalid, 3);
    check("[1,]", errc::invalid, 3);
    check("[\"\xff\"]", errc::invalid, 2);
}

TEST_CASE("size and depth are limited")
{
    auto const large = json::parse("[1, 2]", {5, 8});
    REQUIRE_FALSE(large);
    CHECK(large.error().message == "JSON: 6 bytes, at most 5 are read");
    CHECK(large.error().code == errc::too_large);
    auto const deep = std::string(65, '[') + std::string(65, ']');
    CHECK(json::parse(deep).error().code == errc::too_large);
    CHECK(json::parse(deep.substr(1, 128)));
}
