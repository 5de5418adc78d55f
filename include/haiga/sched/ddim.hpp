#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/discrete_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/scheduler.hpp"
#include "haiga/sched/timetable.hpp"

#include <algorithm>
#include <cmath>

namespace haiga::sched {

struct ddim_options {
    prediction kind = prediction::epsilon;
    limit bound{.clip = 1.0F};
    spacing timesteps = spacing::leading;
    int steps_offset = 0;
    bool set_alpha_to_one =
        true;      ///< the last step ends at alpha_bar 1, else at that of time step 0
    float eta = 0; ///< 0: no noise is drawn; 1: as much as DDPM draws
    bool use_clipped_output = false; ///< epsilon anew from the limited x_0
};

/// Source: Song et al. 2021, arXiv:2010.02502, eq. 12 and 16. float32 as in ddpm.
class ddim : public detail::discrete_steps<detail::alpha_bar_step> {
public:
    static auto make(noise_schedule auto const& schedule, ddim_options const& options, int steps)
        -> result<ddim>
    {
        HAIGA_TRY(auto times, discrete_timesteps(options.timesteps, schedule.steps(), steps,
                                                 options.steps_offset));
        HAIGA_TRY_VOID(check_prediction(options.kind, schedule, times.front()));
        ddim made(options);
        float const last =
            options.set_alpha_to_one ? 1.0F : static_cast<float>(schedule.alpha_bar(0));
        for (int const t : times) {
            // the stride, not the next time step: they differ where steps do not divide the
            // schedule
            int const next = t - schedule.steps() / steps;
            made.evaluate({t, static_cast<float>(schedule.alpha_bar(t)),
                           next >= 0 ? static_cast<float>(schedule.alpha_bar(next)) : last});
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return 0; }

    [[nodiscard]] auto at(int i) const -> update
    {
        float const a = point(i).alpha_bar;
        float const a_next = point(i).next_alpha_bar;
        auto const m = mixture_at(a);
        auto const clean = clean_from(options_.kind, m);
        auto const noise = noise_from(options_.kind, m);
        float const spread = (1 - a_next) / (1 - a) * (1 - a / a_next);
        float const sigma = options_.eta * std::sqrt(std::max(spread, 0.0F));
        float const direction = std::sqrt(std::max(1 - a_next - sigma * sigma, 0.0F));
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = options_.bound;
        u.next = {std::sqrt(a_next), direction * noise.sample, direction * noise.output, sigma};
        if (options_.use_clipped_output) {
            u.next.clean -= direction * m.signal / m.noise;
            u.next.sample = direction / m.noise;
            u.next.output = 0;
        }
        u.draws = options_.eta > 0;
        return u;
    }

private:
    explicit ddim(ddim_options const& options) : options_(options) {}

    ddim_options options_;
};

static_assert(scheduler<ddim>);

} // namespace haiga::sched
