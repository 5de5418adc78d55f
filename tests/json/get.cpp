#include "haiga/json/get.hpp"

#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace haiga;

namespace {

static_assert(json::readable<int> && json::readable<std::vector<bool>>);
static_assert(!json::readable<char const*> && !json::readable<failure>);

auto object(std::string_view text) { return json::parse(text).value().as_object(); }

} // namespace

TEST_CASE("members are read as what they are")
{
    auto const o = object(R"({"n": 3, "x": 0.5, "whole": 2.0, "s": "silu", "b": true,
                              "list": [1, 2, 3], "nested": [[1], []], "o": {"k": 1}})");
    CHECK(json::get<int>(o, "n") == 3);
    CHECK(json::get<double>(o, "n") == 3.0);
    CHECK(json::get<float>(o, "x") == 0.5F);
    CHECK(json::get<int>(o, "whole") == 2);
    CHECK(json::get<std::string>(o, "s") == "silu");
    CHECK(json::get<bool>(o, "b") == true);
    CHECK(json::get<std::vector<int>>(o, "list") == std::vector{1, 2, 3});
    CHECK(json::get<std::vector<std::vector<int>>>(o, "nested") ==
          std::vector<std::vector<int>>{{1}, {}});
    CHECK(json::get<boost::json::object>(o, "o")->at("k") == 1);
}

TEST_CASE("an error names the key")
{
    auto const o = object(R"({"n": 2.5, "big": 300, "minus": -1, "s": 1, "list": [1, "2"]})");
    auto const message = [](auto const& result) { return result.error().message; };
    CHECK(message(json::get<int>(o, "layers_per_block")) == R"("layers_per_block" is missing)");
    CHECK(json::get<int>(o, "layers_per_block").error().code == errc::not_found);
    CHECK(message(json::get<int>(o, "n")) == R"("n": expected a whole number in range)");
    CHECK(message(json::get<std::uint8_t>(o, "big")) ==
          R"("big": expected a whole number in range)");
    CHECK(message(json::get<std::uint64_t>(o, "minus")) ==
          R"("minus": expected a whole number in range)");
    CHECK(message(json::get<std::string>(o, "s")) == R"("s": expected a string)");
    CHECK(message(json::get<bool>(o, "s")) == R"("s": expected true or false)");
    CHECK(message(json::get<std::vector<int>>(o, "s")) == R"("s": expected an array)");
    CHECK(message(json::get<boost::json::object>(o, "s")) == R"("s": expected an object)");
    CHECK(message(json::get<std::vector<double>>(o, "list")) ==
          R"("list": item 1: expected a number)");
    CHECK(json::get<std::vector<double>>(o, "list").error().code == errc::mismatch);
}

TEST_CASE("a default stands in for what is missing or null, not for what is wrong")
{
    auto const o = object(R"({"null": null, "s": "x", "n": 7})");
    CHECK(json::get(o, "n", 1) == 7);
    CHECK(json::get(o, "null", 1) == 1);
    CHECK(json::get(o, "missing", 2.5) == 2.5);
    CHECK(json::get(o, "s", 1).error().message == R"("s": expected a whole number in range)");
}
