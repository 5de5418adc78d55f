#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <span>

#ifdef _OPENMP
#include <omp.h>
#else
#include <thread>
#include <vector>
#endif

namespace haiga {

/// How many threads parallel_for may use. A value, passed to whoever computes; never a global.
struct parallelism {
    int threads = 1;

    [[nodiscard]] static auto all_cores() -> parallelism
    {
#ifdef _OPENMP
        return {std::max(1, omp_get_num_procs())};
#else
        return {static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))};
#endif
    }
};

namespace detail {

/// A thread's share of the indices; whoever takes one takes the next. A cache line each, since
/// every thread writes its own.
struct alignas(64) share_of_thread {
    std::atomic<std::ptrdiff_t> next{0};
    std::ptrdiff_t last = 0;
};

/// Works off a thread's own share, then what the others have left of theirs.
template <class Body>
void work_off(std::span<share_of_thread> shares, std::size_t thread, Body const& body)
{
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto& share = shares[(thread + i) % shares.size()];
        for (auto at = share.next++; at < share.last; at = share.next++) {
            body(at, static_cast<int>(thread));
        }
    }
}

} // namespace detail

/// Calls body(index, thread) for every index in [0, count), each exactly once; no two calls at a
/// time have the same thread, which is in [0, team.threads).
///
/// Order: thread t begins at index t * count / threads, and helps others when it is done: a core
/// that
///        something else slows down does not hold up the rest. Work that keeps one result an index
///        therefore gives the same bytes for any number of threads.
/// Errors: body must not throw.
/// OpenMP where the program is compiled with it (oneDNN shares its threads), std::thread elsewhere.
template <class Body>
void parallel_for(parallelism team, std::ptrdiff_t count, Body const& body)
{
    constexpr std::size_t most = 256;
    auto const threads = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(count, 1, std::clamp<std::ptrdiff_t>(team.threads, 1, most)));
    if (threads == 1) {
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            body(i, 0);
        }
        return;
    }
    std::array<detail::share_of_thread, most> storage;
    auto const shares = std::span(storage).first(threads);
    for (std::size_t thread = 0; thread < threads; ++thread) {
        auto const n = static_cast<std::ptrdiff_t>(threads);
        auto const t = static_cast<std::ptrdiff_t>(thread);
        shares[thread].next = count * t / n;
        shares[thread].last = count * (t + 1) / n;
    }
#ifdef _OPENMP
    // fewer threads than asked for (nested, or a limit) still do the whole work
#pragma omp parallel num_threads(static_cast <int>(threads))
    detail::work_off(shares, static_cast<std::size_t>(omp_get_thread_num()), body);
#else
    std::vector<std::jthread> others;
    for (std::size_t thread = 1; thread < threads; ++thread) {
        others.emplace_back([&, thread] { detail::work_off(shares, thread, body); });
    }
    detail::work_off(shares, 0, body);
#endif
}

} // namespace haiga
