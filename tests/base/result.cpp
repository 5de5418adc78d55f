#include "haiga/base/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

using haiga::errc;
using haiga::fail;
using haiga::result;

namespace {

auto halve(int n) -> result<int>
{
    if (n % 2 != 0) {
        return fail(errc::invalid, "halve: need an even number, have ", n);
    }
    return n / 2;
}

auto quarter(int n) -> result<int>
{
    HAIGA_TRY(auto const once, halve(n));
    HAIGA_TRY(auto const twice, halve(once));
    return twice;
}

auto accept(int n) -> result<>
{
    HAIGA_TRY_VOID(quarter(n));
    HAIGA_TRY_VOID(quarter(n));
    return {};
}

} // namespace

TEST_CASE("a failure names the thing, and where it lies")
{
    auto const r = quarter(6);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == errc::invalid);
    CHECK(r.error().to_string() == "halve: need an even number, have 3");

    auto const placed = haiga::failure(r.error()).within("numbers.txt").at(12);
    CHECK(placed.to_string() == "numbers.txt: halve: need an even number, have 3 (at byte 12)");
}

TEST_CASE("HAIGA_TRY gives the value or returns the failure")
{
    CHECK(quarter(12).value() == 3);
    CHECK(accept(12).has_value());
    CHECK(accept(2).error().code == errc::invalid);
    CHECK(accept(2).error().message == "halve: need an even number, have 1");
}

TEST_CASE("HAIGA_TRY moves what cannot be copied")
{
    auto const make = []() -> result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
    auto const pass = [&]() -> result<std::unique_ptr<int>> {
        HAIGA_TRY(auto held, make());
        *held += 1;
        return held;
    };
    CHECK(**pass() == 8);
}

TEST_CASE("every kind of failure has a name of its own")
{
    for (int i = 0; i <= static_cast<int>(errc::cancelled); ++i) {
        for (int j = 0; j < i; ++j) {
            CHECK(to_string(static_cast<errc>(i)) != to_string(static_cast<errc>(j)));
        }
        CHECK(to_string(static_cast<errc>(i)) != "unknown");
    }
}
