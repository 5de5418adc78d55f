#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/distilled_timesteps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"

#include <cmath>
#include <vector>

namespace haiga::sched {

struct lcm_options {
    prediction kind = prediction::epsilon;
    limit bound{};
    int original_inference_steps = 50; ///< that the model was distilled for
    float timestep_scaling = 10;       ///< of the boundary condition
};

/// Multistep sampling of a latent consistency model: to the clean picture, and back to less noise.
/// Source: Luo et al. 2023, arXiv:2310.04378, algorithm 3; the boundary condition of Song et al.
/// 2023, arXiv:2303.01469, appendix C, with sigma_data 1/2.
class lcm {
public:
    /// Errors: those of distilled_timesteps; invalid for a model of the noise where no signal is
    /// left.
    static auto make(noise_schedule auto const& schedule, lcm_options const& options, int steps)
        -> result<lcm>
    {
        HAIGA_TRY(auto const times,
                  distilled_timesteps(schedule.steps(), options.original_inference_steps, steps));
        if (options.kind == prediction::epsilon && schedule.alpha_bar(times.front()) == 0) {
            return fail(errc::invalid, "lcm: no signal at time step ", times.front(),
                        ", where epsilon tells nothing; v or sample is needed");
        }
        lcm made(options);
        for (int const t : times) {
            made.points_.push_back({t, mixture_at(schedule.alpha_bar(t))});
        }
        return made;
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(points_.size()); }
    [[nodiscard]] auto timestep(int i) const -> float { return static_cast<float>(point(i).time); }
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return point(i).mixed; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const clean = clean_from(options_.kind, point(i).mixed);
        float const t = timestep(i) * options_.timestep_scaling;
        float const skip = 0.25F / (t * t + 0.25F);
        float const out = t / std::sqrt(t * t + 0.25F);
        bool const last = i + 1 == steps();
        auto const to = last ? mixture{} : point(i + 1).mixed;
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = options_.bound;
        u.next = {.clean = to.signal * out, .sample = to.signal * skip, .noise = to.noise};
        return u;
    }

private:
    struct point_in_time {
        int time;
        mixture mixed;
    };

    explicit lcm(lcm_options const& options) : options_(options) {}

    [[nodiscard]] auto point(int i) const -> point_in_time const&
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return points_[static_cast<std::size_t>(i)];
    }

    lcm_options options_;
    std::vector<point_in_time> points_;
};

static_assert(scheduler<lcm>);

} // namespace haiga::sched
