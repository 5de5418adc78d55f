#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/sigma_path.hpp"
#include "haiga/sched/time_shift.hpp"
#include "haiga/sched/timetable.hpp"

#include <limits>
#include <optional>

namespace haiga::sched {

/// What the solvers of the family of DPM-Solver take from a configuration to choose their path.
struct path_options {
    spacing timesteps = spacing::linspace;
    int steps_offset = 0;
    sigma_spacing sigmas = sigma_spacing::of_timesteps;
    last_sigma last = last_sigma::zero;
    /// Karras', exponential and beta sigmas go from sigma_max to sigma_min, else over training's.
    std::optional<double> sigma_min{};
    std::optional<double> sigma_max{};
    double flow_shift = 1;
    bool dynamic = false;       ///< flows are shifted by mu instead
    std::optional<double> mu{}; ///< dynamic needs it
    time_shift shifts = time_shift::exponential;
    std::optional<double> shift_terminal{}; ///< a flow's times are stretched to end here
    double lambda_min_clipped = -std::numeric_limits<double>::infinity(); ///< of log(alpha / sigma)
    bool rounds_times = true; ///< Karras' and Lu's; else fractions are cut off
};

/// Errors: invalid for shifts out of range and for one that depends on a picture that is not known;
///         unsupported for log_linear.
inline auto check_path(path_options const& o) -> result<>
{
    if (o.sigmas == sigma_spacing::log_linear) {
        return fail(errc::unsupported, "scheduler: log_linear sigmas are Euler's alone");
    }
    if (o.sigmas == sigma_spacing::flow && o.dynamic && !o.mu) {
        return fail(errc::invalid, "scheduler: use_dynamic_shifting needs mu, which depends on the "
                                   "size of the picture");
    }
    if (!(o.flow_shift > 0)) {
        return fail(errc::invalid, "scheduler: flow_shift ", o.flow_shift, ", expected above 0");
    }
    if (o.shift_terminal && !(*o.shift_terminal >= 0 && *o.shift_terminal < 1)) {
        return fail(errc::invalid, "scheduler: shift_terminal ", *o.shift_terminal,
                    ", expected in [0, 1)");
    }
    return {};
}

} // namespace haiga::sched
