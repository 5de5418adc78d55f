#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/sigmas.hpp"
#include "haiga/sched/timetable.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace haiga::sched {

/// How the sigmas of a run are chosen.
///     of_timesteps  those of evenly spaced time steps
///     log_linear    evenly in log sigma over all of training (Euler only)
///     karras        evenly in sigma^(1/7)      Source: Karras et al. 2022, arXiv:2206.00364, eq. 5
///     exponential   evenly in log sigma
///     beta          the quantiles of beta(0.6, 0.6)      Source: Lee et al. 2024, arXiv:2407.12173
///     lu            evenly in log sigma, whole time steps     Source: Lu et al. 2022,
///                   arXiv:2206.00927, section 3.4 (DPM-Solver multistep only)
///     flow          shifted times of a straight flow     Source: Esser et al. 2024,
///                   arXiv:2403.03206, eq. 23
///     flow_karras   those of karras, as the times of a flow with as much noise for its signal
///                   (UniPC only)
enum class sigma_spacing : std::uint8_t {
    of_timesteps,
    log_linear,
    karras,
    exponential,
    beta,
    lu,
    flow,
    flow_karras
};

constexpr auto is_flow(sigma_spacing rule) -> bool
{
    return rule == sigma_spacing::flow || rule == sigma_spacing::flow_karras;
}

/// Errors: unsupported for spacings that only one method or family has.
inline auto check_spacing(sigma_spacing rule) -> result<>
{
    if (rule == sigma_spacing::log_linear || rule == sigma_spacing::lu || is_flow(rule)) {
        return fail(errc::unsupported,
                    "scheduler: this method has Karras, exponential and beta sigmas only");
    }
    return {};
}

/// Where the last step ends.
enum class last_sigma : std::uint8_t { zero, sigma_min };

/// Time steps and sigmas of one run.
struct sigma_path {
    std::vector<float> times;
    std::vector<float> sigmas; ///< one a step, then where the last one ends
    bool flow = false;         ///< x = (1 - sigma) x_0 + sigma epsilon, else x_0 + sigma epsilon
};

/// count sigmas from high to low by a rule that asks only for its ends; empty for other rules.
inline auto spaced_sigmas(sigma_spacing rule, double high, double low, int count)
    -> std::vector<double>
{
    switch (rule) {
    case sigma_spacing::karras:
    case sigma_spacing::flow_karras: return karras_sigmas(high, low, count);
    case sigma_spacing::exponential: return exponential_sigmas(high, low, count);
    case sigma_spacing::lu: return lu_sigmas(high, low, count);
    case sigma_spacing::beta: return beta_sigmas(high, low, count);
    case sigma_spacing::of_timesteps:
    case sigma_spacing::log_linear:
    case sigma_spacing::flow: break;
    }
    return {};
}

/// Puts sigmas, if there are any, in place of those of a way, and their time steps in place of its.
inline void respace(std::vector<double> const& sigmas, std::span<float const> training,
                    std::vector<float>& times, std::vector<float>& way)
{
    for (std::size_t i = 0; i < sigmas.size(); ++i) {
        way[i] = static_cast<float>(sigmas[i]);
        times[i] = static_cast<float>(time_of(training, sigmas[i]));
    }
}

/// What methods on samples x_0 + sigma epsilon share: unrounded time steps, sigmas between those of
/// the first and the last of them, and an end at 0.
///
/// Errors: those of spaced_timesteps; unsupported for spacings that these methods do not have.
inline auto exploding_path(std::span<float const> training, spacing rule, int steps, int offset,
                           sigma_spacing sigmas) -> result<sigma_path>
{
    HAIGA_TRY_VOID(check_spacing(sigmas));
    HAIGA_TRY(auto const times,
              spaced_timesteps(rule, static_cast<int>(training.size()), steps, offset));
    sigma_path path;
    for (double const time : times) {
        path.times.push_back(static_cast<float>(time));
        path.sigmas.push_back(static_cast<float>(sigma_at(training, path.times.back())));
    }
    double const high = sigma_at(training, path.times.front());
    double const low = sigma_at(training, path.times.back());
    respace(spaced_sigmas(sigmas, high, low, steps), training, path.times, path.sigmas);
    path.sigmas.push_back(0);
    return path;
}

} // namespace haiga::sched
