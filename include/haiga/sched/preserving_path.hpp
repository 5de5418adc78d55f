#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/path_options.hpp"
#include "haiga/sched/sigma_path.hpp"
#include "haiga/sched/time_shift.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

namespace haiga::sched {

/// Where the solvers of the family of DPM-Solver differ from each other in Diffusers.
struct path_manner {
    bool repeats_last = false;  ///< respaced sigmas end where they are, not where training begins
    bool flow_from_one = false; ///< a flow's sigmas begin at 1 - 1e-6, not one step lower
};

namespace detail {

/// steps of steps + 1 evenly spaced time steps: the one that is left out is the end of the last
/// step. Errors: invalid for counts beyond the schedule and time steps outside of it.
inline auto solver_timesteps(path_options const& o, int train, int last, int steps)
    -> result<std::vector<double>>
{
    if (steps < 1 || steps > last) {
        return fail(errc::invalid, "scheduler: ", steps, " steps of ", last);
    }
    std::vector<double> times;
    for (int i = 0; i < steps; ++i) {
        switch (o.timesteps) {
        case spacing::linspace:
            times.push_back(
                std::nearbyint(i == 0 ? last - 1.0 : (steps - i) * ((last - 1.0) / steps)));
            break;
        case spacing::leading:
            times.push_back((steps - i) * (last / (steps + 1)) + o.steps_offset);
            break;
        case spacing::trailing:
            if (last - i * (static_cast<double>(train) / steps) <= 0) {
                break; // a clipped lambda leaves fewer
            }
            times.push_back(std::nearbyint(last - i * (static_cast<double>(train) / steps)) - 1);
            break;
        }
    }
    if (times.front() > train - 1 || times.back() < 0) {
        return fail(errc::invalid, "scheduler: time step ", times.front(), " of ", train,
                    " (steps_offset ", o.steps_offset, ')');
    }
    return times;
}

inline auto flow_sigmas(path_options const& o, int train, int steps, bool from_one)
    -> std::vector<double>
{
    double const shift = o.dynamic ? shift_of(o.shifts, *o.mu) : o.flow_shift;
    std::vector<double> sigmas;
    for (int i = 0; i < steps; ++i) {
        // of steps + 1 numbers from 1 to 1 / train, all but the last; else 1 minus them, backwards
        int const place = from_one ? i : steps - i;
        double const end = 1.0 / train;
        double const even = place == steps ? end : 1 + place * ((end - 1) / steps);
        sigmas.push_back(shifted(from_one ? even : 1 - even, shift));
    }
    stretch(sigmas, o.shift_terminal);
    if (from_one && std::abs(sigmas.front() - 1) < 1e-6) {
        sigmas.front() -= 1e-6;
    }
    return sigmas;
}

/// Sigmas between the ends of training, or those that were chosen.
inline auto respaced_sigmas(path_options const& o, std::vector<float> const& training, int steps)
    -> std::vector<double>
{
    auto sigmas = spaced_sigmas(o.sigmas, o.sigma_max.value_or(training.back()),
                                o.sigma_min.value_or(training.front()), steps);
    if (o.sigmas == sigma_spacing::flow_karras) {
        std::transform(sigmas.begin(), sigmas.end(), sigmas.begin(),
                       [](double s) { return s / (s + 1); });
    }
    return sigmas;
}

/// The sigmas of a path. times: theirs, unless the sigmas have other ones.
inline auto path_sigmas(path_options const& o, path_manner manner,
                        std::vector<float> const& training, std::vector<double>& times, int steps)
    -> std::vector<double>
{
    auto const train = static_cast<int>(training.size());
    std::vector<double> sigmas;
    if (o.sigmas == sigma_spacing::of_timesteps) {
        std::transform(times.begin(), times.end(), std::back_inserter(sigmas),
                       [&](double t) { return sigma_at(training, t); });
        return sigmas;
    }
    sigmas = o.sigmas == sigma_spacing::flow ? flow_sigmas(o, train, steps, manner.flow_from_one)
                                             : respaced_sigmas(o, training, steps);
    bool const whole =
        (o.sigmas == sigma_spacing::karras || o.sigmas == sigma_spacing::lu) && o.rounds_times;
    times.resize(sigmas.size());
    std::transform(sigmas.begin(), sigmas.end(), times.begin(), [&](double s) {
        if (is_flow(o.sigmas)) {
            return s * train;
        }
        double const t = time_of(training, s);
        return whole ? std::nearbyint(t) : t;
    });
    return sigmas;
}

} // namespace detail

/// Time steps, told as whole numbers, and sigmas for solvers on samples of preserved variance.
/// Sigmas other than of_timesteps are between the ends of training.
///
/// Errors: invalid as solver_timesteps and for numbers out of range; unsupported for log_linear.
inline auto preserving_path(noise_schedule auto const& schedule, path_options const& o,
                            path_manner manner, int steps) -> result<sigma_path>
{
    HAIGA_TRY_VOID(check_path(o));
    auto const training = training_sigmas(schedule);
    auto const clipped = std::count_if(training.begin(), training.end(), [&](float s) {
        return -std::log(s) < static_cast<float>(o.lambda_min_clipped);
    });
    HAIGA_TRY(auto times,
              detail::solver_timesteps(o, schedule.steps(),
                                       schedule.steps() - static_cast<int>(clipped), steps));
    auto const sigmas = detail::path_sigmas(o, manner, training, times, steps);
    double const last = manner.repeats_last && o.sigmas != sigma_spacing::of_timesteps
                            ? sigmas.back()
                            : training.front();
    sigma_path path;
    path.flow = is_flow(o.sigmas);
    for (std::size_t i = 0; i < times.size(); ++i) {
        path.times.push_back(static_cast<float>(std::trunc(times[i])));
        path.sigmas.push_back(static_cast<float>(sigmas[i]));
    }
    path.sigmas.push_back(o.last == last_sigma::zero ? 0 : static_cast<float>(last));
    return path;
}

} // namespace haiga::sched
