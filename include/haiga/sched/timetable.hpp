#pragma once

#include "haiga/base/result.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace haiga::sched {

/// Which of the training steps a sampler visits.
/// Source: Lin et al. 2023, arXiv:2305.08891, table 2.
enum class spacing : std::uint8_t { linspace, leading, trailing };

/// `count` of `train` time steps, latest first, each as a double that is not rounded yet.
/// offset is added for leading only, as Stable Diffusion's schedulers have it.
///
/// Errors: invalid where count is not in [1, train] or a time step lies beyond the schedule.
inline auto spaced_timesteps(spacing rule, int train, int count, int offset)
    -> result<std::vector<double>>
{
    if (count < 1 || count > train) {
        return fail(errc::invalid, "scheduler: ", count, " steps of ", train);
    }
    std::vector<double> times(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        int const from_end = count - 1 - i;
        double t = 0;
        switch (rule) {
        case spacing::linspace:
            t = count == 1 ? 0 : std::min(from_end * ((train - 1.0) / (count - 1)), train - 1.0);
            break;
        case spacing::leading: t = from_end * (train / count) + offset; break;
        case spacing::trailing:
            t = std::nearbyint(train - i * (static_cast<double>(train) / count)) - 1;
            break;
        }
        times[static_cast<std::size_t>(i)] = t;
    }
    if (times.front() > train - 1 || times.back() < 0) {
        return fail(errc::invalid, "scheduler: time step ", times.front(), " of ", train,
                    " (steps_offset ", offset, ')');
    }
    return times;
}

/// The same, as whole numbers: halves go to the even one.
inline auto discrete_timesteps(spacing rule, int train, int count, int offset)
    -> result<std::vector<int>>
{
    HAIGA_TRY(auto const times, spaced_timesteps(rule, train, count, offset));
    std::vector<int> rounded;
    std::transform(times.begin(), times.end(), std::back_inserter(rounded),
                   [](double t) { return static_cast<int>(std::nearbyint(t)); });
    return rounded;
}

/// Errors: invalid unless the time steps are in [0, train) and descend.
inline auto check_timesteps(std::span<int const> times, int train) -> result<>
{
    if (times.empty()) {
        return fail(errc::invalid, "scheduler: no time steps");
    }
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (times[i] < 0 || times[i] >= train) {
            return fail(errc::invalid, "scheduler: time step ", times[i], " of ", train);
        }
        if (i > 0 && times[i] >= times[i - 1]) {
            return fail(errc::invalid, "scheduler: time step ", times[i], " after ", times[i - 1],
                        ", expected descending ones");
        }
    }
    return {};
}

} // namespace haiga::sched
