#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/discrete_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"
#include "haiga/sched/timetable.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

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

/// Ancestral sampling. Source: Ho et al. 2020, arXiv:2006.11239, eq. 6, 7 and 15.
///
/// Coefficients are computed in float32 and in diffusers' order: next to the end of a run they are
/// differences of nearly equal numbers, where another order gives another picture.
class ddpm : public detail::discrete_steps<detail::alpha_bar_step> {
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
        auto const alpha_bar = [&](int t) { return static_cast<float>(schedule.alpha_bar(t)); };
        ddpm made(options);
        for (std::size_t i = 0; i < timesteps.size(); ++i) {
            int const t = timesteps[i];
            made.evaluate(
                {t, alpha_bar(t), i + 1 < timesteps.size() ? alpha_bar(timesteps[i + 1]) : 1.0F});
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return 0; }

    [[nodiscard]] auto at(int i) const -> update
    {
        float const a = point(i).alpha_bar;
        float const a_next = point(i).next_alpha_bar;
        float const alpha = a / a_next;
        float const beta = 1 - alpha;
        auto const clean = clean_from(options_.kind, mixture_at(a));
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = options_.bound;
        u.next.clean = std::sqrt(a_next) * beta / (1 - a);
        u.next.sample = std::sqrt(alpha) * (1 - a_next) / (1 - a);
        u.draws = point(i).time > 0;
        u.next.noise = u.draws ? std::sqrt(variance_at(i)) : 0;
        return u;
    }

    /// Of the noise that step i adds.
    [[nodiscard]] auto variance_at(int i) const -> float
    {
        float const a = point(i).alpha_bar;
        float const a_next = point(i).next_alpha_bar;
        float const beta = 1 - a / a_next;
        return options_.variance == variance::fixed_large
                   ? beta
                   : std::max((1 - a_next) / (1 - a) * beta, 1e-20F);
    }

private:
    explicit ddpm(ddpm_options const& options) : options_(options) {}

    ddpm_options options_;
};

static_assert(scheduler<ddpm>);

} // namespace haiga::sched
