#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/discrete_steps.hpp"
#include "haiga/sched/distilled_timesteps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"

#include <cmath>

namespace haiga::sched {

struct tcd_options {
    prediction kind = prediction::epsilon;
    int original_inference_steps = 50; ///< that the model was distilled for
    float eta =
        0.3F; ///< gamma of the paper: 0 draws no noise, 1 as much as consistency models draw
};

namespace detail {

struct tcd_point {
    int time;
    float alpha_bar; ///< here,
    float between;   ///< where the step without noise ends,
    float next;      ///< and where noise leads back to
    bool draws;
};

} // namespace detail

/// Strategic stochastic sampling of a trajectory consistency model: a DDIM step farther than to the
/// next time, then noise back to it. Ends at time step 0, where a little noise is left.
/// Source: Zheng et al. 2024, arXiv:2402.19159, algorithm 4. float32 as in ddpm.
class tcd : public detail::discrete_steps<detail::tcd_point> {
public:
    /// Errors: those of distilled_timesteps; invalid for eta outside [0, 1] and where no signal is
    ///         left for epsilon.
    static auto make(noise_schedule auto const& schedule, tcd_options const& options, int steps)
        -> result<tcd>
    {
        HAIGA_TRY(auto const times,
                  distilled_timesteps(schedule.steps(), options.original_inference_steps, steps));
        if (!(options.eta >= 0 && options.eta <= 1)) {
            return fail(errc::invalid, "tcd: eta ", options.eta, ", expected in [0, 1]");
        }
        HAIGA_TRY_VOID(check_prediction(options.kind, schedule, times.front()));
        tcd made(options);
        auto const alpha = [&](int t) { return static_cast<float>(schedule.alpha_bar(t)); };
        for (std::size_t i = 0; i < times.size(); ++i) {
            bool const last = i + 1 == times.size();
            int const next = last ? 0 : times[i + 1];
            auto const between = static_cast<int>(
                std::floor((1 - static_cast<double>(options.eta)) * static_cast<float>(next)));
            made.evaluate(
                {times[i], alpha(times[i]), alpha(between), alpha(next), options.eta > 0 && !last});
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return 0; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const& p = point(i);
        auto const clean = clean_from(options_.kind, mixture_before(i));
        auto const noise = noise_from(options_.kind, mixture_before(i));
        auto const between = mixture_at(p.between);
        float const kept = p.draws ? p.next / p.between : 1;
        float const root = std::sqrt(kept);
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.next = {.clean = root * between.signal,
                  .sample = root * between.noise * noise.sample,
                  .output = root * between.noise * noise.output,
                  .noise = std::sqrt(1 - kept)};
        u.draws = p.draws;
        return u;
    }

private:
    explicit tcd(tcd_options const& options) : options_(options) {}

    tcd_options options_;
};

static_assert(scheduler<tcd>);

} // namespace haiga::sched
