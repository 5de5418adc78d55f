#include "haiga/tensor/page_array.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

using haiga::page_array;

TEST_CASE("an array of pages is zeros, begins where a huge page does, and moves")
{
    auto made = page_array<float>::make(3'000'001);
    REQUIRE(made);
    auto& array = *made;
    CHECK(array.size() == 3'000'001);
    CHECK(reinterpret_cast<std::uintptr_t>(array.data()) % (2U << 20U) == 0);
    CHECK(std::ranges::all_of(array, [](float x) { return x == 0; }));
    array[3'000'000] = 7;
    auto moved = std::move(array);
    std::span<float const> const seen = std::as_const(moved);
    CHECK(seen.back() == 7);
    page_array<float> other;
    CHECK(std::span<float>(other).empty());
    other = std::move(moved);
    CHECK(other[3'000'000] == 7);
}

TEST_CASE("an array of pages that cannot be had is an error")
{
    CHECK(page_array<double>::make(0).value().size() == 0);
    for (auto const size : {std::numeric_limits<std::size_t>::max(), std::size_t{1} << 58U}) {
        auto const made = page_array<double>::make(size);
        REQUIRE(!made);
        CHECK(made.error().code == haiga::errc::out_of_memory);
    }
}
