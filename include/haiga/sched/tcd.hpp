#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/distilled_timesteps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"

#include <cmath>
#include <vector>

namespace haiga::sched {

struct tcd_options {
    prediction kind = prediction::epsilon;
    int original_inference_steps = 50; ///< that the model was distilled for
    float eta =
        0.3F; ///< gamma of the paper: 0 draws no noise, 1 as much as consistency models draw
};

/// Strategic stochastic sampling of a trajectory consistency model: a DDIM step farther than to the
/// next time, then noise back to it. Ends at time step 0, where a little noise is left.
/// Source: Zheng et al. 2024, arXiv:2402.19159, algorithm 4. float32 as in ddpm.
class tcd {
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
        if (options.kind == prediction::epsilon && schedule.alpha_bar(times.front()) == 0) {
            return fail(errc::invalid, "tcd: no signal at time step ", times.front(),
                        ", where epsilon tells nothing; v or sample is needed");
        }
        tcd made(options);
        auto const alpha = [&](int t) { return static_cast<float>(schedule.alpha_bar(t)); };
        for (std::size_t i = 0; i < times.size(); ++i) {
            bool const last = i + 1 == times.size();
            int const next = last ? 0 : times[i + 1];
            auto const between = static_cast<int>(
                std::floor((1 - static_cast<double>(options.eta)) * static_cast<float>(next)));
            made.points_.push_back(
                {times[i], alpha(times[i]), alpha(between), alpha(next), options.eta > 0 && !last});
        }
        return made;
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(points_.size()); }
    [[nodiscard]] auto timestep(int i) const -> float { return static_cast<float>(point(i).time); }
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return mixture_at(point(i).alpha); }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const& p = point(i);
        auto const clean = clean_from(options_.kind, mixture_at(p.alpha));
        auto const noise = noise_from(options_.kind, mixture_at(p.alpha));
        auto const between = mixture_at(p.between);
        float const kept = p.stochastic ? p.next / p.between : 1;
        float const root = std::sqrt(kept);
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.next = {.clean = root * between.signal,
                  .sample = root * between.noise * noise.sample,
                  .output = root * between.noise * noise.output,
                  .noise = std::sqrt(1 - kept)};
        return u;
    }

private:
    struct point_in_time {
        int time;
        float alpha;   ///< alpha_bar here,
        float between; ///< where the step without noise ends
        float next;    ///< and where noise leads back to
        bool stochastic;
    };

    explicit tcd(tcd_options const& options) : options_(options) {}

    [[nodiscard]] auto point(int i) const -> point_in_time const&
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return points_[static_cast<std::size_t>(i)];
    }

    tcd_options options_;
    std::vector<point_in_time> points_;
};

static_assert(scheduler<tcd>);

} // namespace haiga::sched
