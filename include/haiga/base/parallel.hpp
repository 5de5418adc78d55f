#pragma once

#include <algorithm>
#include <cstddef>

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

/// Calls body(index, thread) for every index in [0, count), each exactly once.
///
/// Order: index i runs on thread i * threads / count: the split depends on nothing but the counts,
///        so work that keeps one result an index gives the same bytes for any number of threads.
/// Errors: body must not throw.
/// OpenMP where the program is compiled with it (oneDNN shares its threads), std::thread elsewhere.
template <class Body>
void parallel_for(parallelism team, std::ptrdiff_t count, Body const& body)
{
    int const threads = static_cast<int>(std::clamp<std::ptrdiff_t>(count, 1, team.threads));
    auto const share = [&](int thread) {
        auto const first = count * thread / threads;
        auto const last = count * (thread + 1) / threads;
        for (auto i = first; i < last; ++i) {
            body(i, thread);
        }
    };
    if (threads == 1) {
        share(0);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel num_threads(threads)
    {
        // fewer threads than asked for (nested, or a limit) still do the whole work
        for (int thread = omp_get_thread_num(); thread < threads; thread += omp_get_num_threads()) {
            share(thread);
        }
    }
#else
    std::vector<std::jthread> others;
    for (int thread = 1; thread < threads; ++thread) {
        others.emplace_back(share, thread);
    }
    share(0);
#endif
}

} // namespace haiga
