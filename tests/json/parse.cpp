#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <random>
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

TEST_CASE("a double is the nearest one to its digits")
{
    std::mt19937_64 random(1);
    int wrong = 0;
    for (int i = 0; i < 20000; ++i) {
        auto const wanted = std::bit_cast<double>(random());
        if (!std::isfinite(wanted)) {
            continue;
        }
        char digits[40];
        // the shortest digits that are this double's; integers that are long enough are doubles
        auto const end = std::to_chars(digits, digits + sizeof digits, wanted).ptr;
        auto const value = json::parse(std::string_view(digits, end));
        REQUIRE(value);
        wrong += value->to_number<double>() == wanted ? 0 : 1;
    }
    CHECK(wrong == 0);
    CHECK(json::parse("[1.5e-3, -0.0]")->at(0).as_double() == 1.5e-3);
    CHECK(std::signbit(json::parse("-0.0")->as_double()));
    CHECK(json::parse("1e-999")->as_double() == 0);
    CHECK(json::parse("123456789012345678901234567890")->as_double() ==
          123456789012345678901234567890.0);
}

TEST_CASE("a number that no double can hold is told with its place")
{
    auto const value = json::parse("[1, 1e999]");
    REQUIRE_FALSE(value);
    CHECK(value.error().code == errc::invalid);
    CHECK(value.error().offset.has_value());
}
