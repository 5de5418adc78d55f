#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/discrete_steps.hpp"
#include "haiga/sched/distilled_timesteps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"

#include <cmath>

namespace haiga::sched {

struct lcm_options {
    prediction kind = prediction::epsilon;
    limit bound{};
    int original_inference_steps = 50; ///< that the model was distilled for
    float timestep_scaling = 10;       ///< of the boundary condition
};

namespace detail {

struct lcm_point {
    int time;
    float alpha_bar;
};

} // namespace detail

/// Multistep sampling of a latent consistency model: to the clean picture, and back to less noise.
/// Source: Luo et al. 2023, arXiv:2310.04378, algorithm 3; the boundary condition of Song et al.
/// 2023, arXiv:2303.01469, appendix C, with sigma_data 1/2.
class lcm : public detail::discrete_steps<detail::lcm_point> {
public:
    /// Errors: those of distilled_timesteps; invalid for a model of the noise where no signal is
    /// left.
    static auto make(noise_schedule auto const& schedule, lcm_options const& options, int steps)
        -> result<lcm>
    {
        HAIGA_TRY(auto const times,
                  distilled_timesteps(schedule.steps(), options.original_inference_steps, steps));
        HAIGA_TRY_VOID(check_prediction(options.kind, schedule, times.front()));
        lcm made(options);
        for (int const t : times) {
            made.evaluate({t, static_cast<float>(schedule.alpha_bar(t))});
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return 0; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const clean = clean_from(options_.kind, mixture_before(i));
        float const t = timestep(i) * options_.timestep_scaling;
        float const skip = 0.25F / (t * t + 0.25F);
        float const out = t / std::sqrt(t * t + 0.25F);
        bool const last = i + 1 == steps();
        auto const to = last ? mixture{} : mixture_before(i + 1);
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = options_.bound;
        u.next = {.clean = to.signal * out, .sample = to.signal * skip, .noise = to.noise};
        u.draws = !last;
        return u;
    }

private:
    explicit lcm(lcm_options const& options) : options_(options) {}

    lcm_options options_;
};

static_assert(scheduler<lcm>);

} // namespace haiga::sched
