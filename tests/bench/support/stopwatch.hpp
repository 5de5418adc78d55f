#pragma once

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace haiga::bench {

/// Units: milliseconds.
class stopwatch {
public:
    [[nodiscard]] auto elapsed() const -> double
    {
        return std::chrono::duration<double, std::milli>(clock::now() - start_).count();
    }

private:
    using clock = std::chrono::steady_clock;
    clock::time_point start_ = clock::now();
};

inline auto median(std::vector<double> values) -> double
{
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Threads of OpenMP look for more work for a while; then the cores are the peer's.
inline void let_threads_sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

} // namespace haiga::bench
