#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"
#include "haiga/sched/timetable.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace haiga::sched {

/// The variance of the noise that an ancestral step adds: the posterior's (small) or beta (large).
/// Source: Ho et al. 2020, section 3.2.
enum class variance : std::uint8_t { fixed_small, fixed_large };

struct ddpm_options {
    prediction kind = prediction::epsilon;
    sched::variance variance = variance::fixed_small;
    limit bound{.clip = 1.0F};
    spacing timesteps = spacing::leading;
    int steps_offset = 0;
};

/// Errors: invalid for a model of the noise on a schedule that ends without a signal.
inline auto check_prediction(prediction kind, noise_schedule auto const& schedule, int t)
    -> result<>
{
    if (kind == prediction::epsilon && schedule.alpha_bar(t) == 0) {
        return fail(errc::invalid, "scheduler: no signal at time step ", t,
                    ", where epsilon tells nothing; v or sample is needed");
    }
    return {};
}

/// Ancestral sampling. Source: Ho et al. 2020, arXiv:2006.11239, eq. 6, 7 and 15.
///
/// Coefficients are computed in float32 and in diffusers' order: next to the end of a run they are
/// differences of nearly equal numbers, where another order gives another picture.
class ddpm {
public:
    static auto make(noise_schedule auto const& schedule, ddpm_options const& options, int steps)
        -> result<ddpm>
    {
        HAIGA_TRY(auto times, discrete_timesteps(options.timesteps, schedule.steps(), steps,
                                                 options.steps_offset));
        return make(schedule, options, times);
    }

    /// With time steps of one's own, descending.
    static auto make(noise_schedule auto const& schedule, ddpm_options const& options,
                     std::span<int const> timesteps) -> result<ddpm>
    {
        HAIGA_TRY_VOID(check_timesteps(timesteps, schedule.steps()));
        HAIGA_TRY_VOID(check_prediction(options.kind, schedule, timesteps.front()));
        ddpm made(options);
        made.timesteps_.assign(timesteps.begin(), timesteps.end());
        for (int const t : timesteps) {
            made.alpha_bar_.push_back(static_cast<float>(schedule.alpha_bar(t)));
        }
        made.alpha_bar_.push_back(1);
        return made;
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(timesteps_.size()); }
    [[nodiscard]] auto timestep(int i) const -> float
    {
        return static_cast<float>(timesteps_[index(i)]);
    }
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture
    {
        return mixture_at(alpha_bar_[index(i)]);
    }

    [[nodiscard]] auto at(int i) const -> update
    {
        float const a = alpha_bar_[index(i)];
        float const a_next = alpha_bar_[index(i) + 1];
        float const alpha = a / a_next;
        float const beta = 1 - alpha;
        auto const clean = clean_from(options_.kind, mixture_at(a));
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = options_.bound;
        u.next.clean = std::sqrt(a_next) * beta / (1 - a);
        u.next.sample = std::sqrt(alpha) * (1 - a_next) / (1 - a);
        u.next.noise = timesteps_[index(i)] > 0 ? std::sqrt(variance_at(i)) : 0;
        return u;
    }

    /// Of the noise that step i adds.
    [[nodiscard]] auto variance_at(int i) const -> float
    {
        float const a = alpha_bar_[index(i)];
        float const a_next = alpha_bar_[index(i) + 1];
        float const beta = 1 - a / a_next;
        return options_.variance == variance::fixed_large
                   ? beta
                   : std::max((1 - a_next) / (1 - a) * beta, 1e-20F);
    }

private:
    explicit ddpm(ddpm_options const& options) : options_(options) {}

    [[nodiscard]] auto index(int i) const -> std::size_t
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return static_cast<std::size_t>(i);
    }

    ddpm_options options_;
    std::vector<int> timesteps_;
    std::vector<float> alpha_bar_; ///< at each time step, then 1
};

static_assert(scheduler<ddpm>);

} // namespace haiga::sched
