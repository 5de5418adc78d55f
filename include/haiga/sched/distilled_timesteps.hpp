#pragma once

#include "haiga/base/result.hpp"

#include <cmath>
#include <vector>

namespace haiga::sched {

/// count of the time steps that a distilled model was taught: original of train, evenly, and of
/// these count, evenly from the last one.
/// Source: Luo et al. 2023, arXiv:2310.04378, section 4.3 (the skipping-step schedule).
///
/// Errors: invalid where count is not in [1, original] or original not in [1, train].
inline auto distilled_timesteps(int train, int original, int count) -> result<std::vector<int>>
{
    if (original < 1 || original > train) {
        return fail(errc::invalid, "scheduler: original_inference_steps ", original, " of ", train);
    }
    if (count < 1 || count > original) {
        return fail(errc::invalid, "scheduler: ", count, " steps of ", original,
                    " that the model was distilled for");
    }
    int const stride = train / original;
    std::vector<int> times;
    for (int i = 0; i < count; ++i) {
        auto const skipped =
            static_cast<int>(std::floor(i * (static_cast<double>(original) / count)));
        times.push_back((original - skipped) * stride - 1);
    }
    return times;
}

} // namespace haiga::sched
