#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/exploding_steps.hpp"
#include "haiga/sched/heun_stage.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <utility>
#include <vector>

namespace haiga::sched {

struct heun_options {
    prediction kind = prediction::epsilon;
    spacing timesteps = spacing::linspace;
    int steps_offset = 0;
    sigma_spacing sigmas = sigma_spacing::of_timesteps;
    limit bound{}; ///< clip only
};

/// Steps of the probability flow by the mean of the slopes at both ends: two evaluations a step,
/// but one for the last, which ends without noise. Source: Karras et al. 2022, arXiv:2206.00364,
/// algorithm 1.
class heun : public detail::exploding_steps {
public:
    /// Errors: those of exploding_path; unsupported for a flow. Time: steps * 2 - 1 evaluations.
    static auto make(noise_schedule auto const& schedule, heun_options const& options, int steps)
        -> result<heun>
    {
        HAIGA_TRY_VOID(detail::check_exploding(options.kind));
        HAIGA_TRY(auto path, exploding_path(training_sigmas(schedule), options.timesteps, steps,
                                            options.steps_offset, options.sigmas));
        heun made(options);
        made.way_ = std::move(path.sigmas);
        for (std::size_t k = 0; k < path.times.size(); ++k) {
            made.evaluate(path.times[k], made.way_[k]);
            if (k > 0) { // the second stage of one step, the first of the next
                made.evaluate(path.times[k], made.way_[k]);
            }
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return 2; } ///< see heun_stage

    void begin_at(int i) const { HAIGA_CHECK(i % 2 == 0, "step ", i, " is a second stage"); }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const k = index(i) / 2;
        auto u = told(i, bound_);
        detail::heun_stage(u, i, way_[k + 1] - way_[k], {.sample = 1}, derivative(i, bound_));
        return u;
    }

private:
    explicit heun(heun_options const& o) : exploding_steps(o.kind, o.timesteps), bound_(o.bound) {}

    limit bound_;
    std::vector<float> way_; ///< sigmas, one a whole step
};

static_assert(scheduler<heun>);

} // namespace haiga::sched
