#include "haiga/base/parallel.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <thread>
#include <vector>

using haiga::parallel_for;
using haiga::parallelism;

namespace {

/// The thread number that each index was given, or -1; fails when an index ran twice.
auto owners(int threads, std::ptrdiff_t count) -> std::vector<int>
{
    std::vector<int> owner(static_cast<std::size_t>(count), -1);
    std::vector<int> calls(owner.size(), 0);
    parallel_for({threads}, count, [&](std::ptrdiff_t i, int thread) {
        owner[static_cast<std::size_t>(i)] = thread;
        ++calls[static_cast<std::size_t>(i)];
    });
    CHECK(calls == std::vector<int>(owner.size(), 1));
    return owner;
}

} // namespace

TEST_CASE("every index runs once, on a thread number below the team's")
{
    for (int const threads : {1, 2, 3, 8, 64}) {
        for (std::ptrdiff_t const count : {0, 1, 2, 7, 64, 1001}) {
            CAPTURE(threads);
            CAPTURE(count);
            for (int const owner : owners(threads, count)) {
                CHECK((owner >= 0 && owner < threads));
            }
        }
    }
}

TEST_CASE("the split depends on the counts alone, and is contiguous")
{
    CHECK(owners(3, 8) == std::vector{0, 0, 1, 1, 1, 2, 2, 2}); // [0, 2) [2, 5) [5, 8)
    CHECK(owners(4, 3) == std::vector{0, 1, 2});
    CHECK(owners(5, 997) == owners(5, 997));
}

TEST_CASE("inside another parallel_for the whole work is still done")
{
    std::vector<int> calls(6 * 7, 0);
    parallel_for({2}, 6, [&](std::ptrdiff_t i, int) {
        parallel_for({3}, 7,
                     [&](std::ptrdiff_t j, int) { ++calls[static_cast<std::size_t>(i * 7 + j)]; });
    });
    CHECK(calls == std::vector<int>(6 * 7, 1));
}

TEST_CASE("there is at least one core") { CHECK(parallelism::all_cores().threads >= 1); }
