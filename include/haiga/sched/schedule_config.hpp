#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/beta_schedules.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace haiga::sched {

/// A noise schedule as data. The defaults are diffusers'.
struct schedule_config {
    enum class shape : std::uint8_t {
        linear,
        scaled_linear,
        squaredcos_cap_v2,
        sigmoid,
        laplace,
        exponential
    };

    shape betas = shape::linear;
    int steps = 1000;
    double first_beta = 1e-4;
    double last_beta = 0.02;
    bool zero_terminal_snr = false;
    std::vector<float> trained_betas{}; ///< one a step, in place of a shape
};

namespace detail {

/// The law of a noise schedule, which betas that are tiny, or many, break in float32.
/// alpha_bar(t) for t in [0, steps).
template <class AlphaBar>
auto check_falling(char const* which, int steps, AlphaBar const& alpha_bar) -> result<>
{
    double before = 1;
    for (int t = 0; t < steps; ++t) {
        double const now = alpha_bar(t);
        if (!(now < before)) {
            return fail(errc::invalid, "noise schedule: ", which, " is ", before, " before step ",
                        t, " and ", now, " at it, expected less");
        }
        before = now;
    }
    return {};
}

inline auto check_falling(noise_schedule auto const& schedule) -> result<>
{
    return check_falling("alpha_bar", schedule.steps(),
                         [&](int t) { return schedule.alpha_bar(t); });
}

/// Errors: invalid where alpha_bar falls, and does not once its last value is moved to zero.
inline auto rescale(alpha_bar_table const& plain) -> result<alpha_bar_table>
{
    auto const values = rescaled_alpha_bars(plain);
    HAIGA_TRY_VOID(check_falling("rescaled alpha_bar", plain.steps(),
                                 [&](int t) { return values[static_cast<std::size_t>(t)]; }));
    auto const rescaled = zero_terminal_snr(plain);
    HAIGA_TRY_VOID(check_falling(rescaled));
    return rescaled;
}

} // namespace detail

/// Errors: invalid for fewer than two steps, for betas outside (0, 1), and for those with which
///         alpha_bar does not fall at every step, rescaled or not.
inline auto make_schedule(schedule_config const& config) -> result<alpha_bar_table>
{
    if (config.steps < 2 || config.steps > 1'000'000) {
        return fail(errc::invalid, "noise schedule: num_train_timesteps ", config.steps);
    }
    auto const valid = [](double beta) { return beta > 0 && beta < 1; };
    if (!valid(config.first_beta) || !valid(config.last_beta)) {
        return fail(errc::invalid, "noise schedule: betas from ", config.first_beta, " to ",
                    config.last_beta, ", expected within (0, 1)");
    }
    auto const& own = config.trained_betas;
    if (!own.empty() && (static_cast<int>(own.size()) != config.steps ||
                         !std::all_of(own.begin(), own.end(), valid))) {
        return fail(errc::invalid, "noise schedule: ", own.size(), " trained_betas for ",
                    config.steps, " steps, expected as many, within (0, 1)");
    }
    auto const plain = [&]() -> alpha_bar_table {
        if (!own.empty()) {
            return alpha_bar_table(own);
        }
        switch (config.betas) {
        case schedule_config::shape::linear:
            return linear(config.steps, config.first_beta, config.last_beta);
        case schedule_config::shape::scaled_linear:
            return scaled_linear(config.steps, config.first_beta, config.last_beta);
        case schedule_config::shape::sigmoid:
            return sigmoid(config.steps, config.first_beta, config.last_beta);
        case schedule_config::shape::laplace: return laplace(config.steps);
        case schedule_config::shape::exponential: return exponential_decay(config.steps);
        case schedule_config::shape::squaredcos_cap_v2: break;
        }
        return squaredcos_cap_v2(config.steps);
    }();
    HAIGA_TRY_VOID(detail::check_falling(plain));
    return config.zero_terminal_snr ? detail::rescale(plain) : plain;
}

} // namespace haiga::sched
