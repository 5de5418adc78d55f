#include "haiga/base/parallel.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
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

TEST_CASE("a thread that is held up is helped: the others take what it has left")
{
    constexpr std::ptrdiff_t count = 100;
    std::atomic<std::ptrdiff_t> others = 0;
    parallel_for({2}, count, [&](std::ptrdiff_t i, int) {
        auto const patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (i == 0 && others < count - 1 && std::chrono::steady_clock::now() < patience) {
            std::this_thread::yield();
        }
        others += i > 0 ? 1 : 0;
        CHECK((i > 0 || others == count - 1));
    });
}

TEST_CASE("no two calls at a time have the same thread number")
{
    std::vector<std::atomic<int>> inside(3);
    std::atomic<int> most = 0;
    parallel_for({3}, 2000, [&](std::ptrdiff_t, int thread) {
        auto& here = inside[static_cast<std::size_t>(thread)];
        if (++here > 1) {
            ++most;
        }
        --here;
    });
    CHECK(most == 0);
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
