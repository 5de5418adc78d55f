#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/exploding_steps.hpp"
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

    [[nodiscard]] auto kept() const -> int { return 2; } ///< the first slope and where it was taken

    [[nodiscard]] auto from(int i) const -> heun
    {
        HAIGA_CHECK(i % 2 == 0, "step ", i, " is a second stage");
        return *this;
    }

    [[nodiscard]] auto at(int i) const -> update
    {
        bool const first = i % 2 == 0;
        auto const k = index(i) / 2;
        float const dt = way_[k + 1] - way_[k];
        auto const slope = derivative(i, bound_);
        auto u = told(i, bound_);
        if (first) {
            u.next.sample = 1;
            u.next.add(dt, slope);
            u.keep[0] = {0, slope};
            u.keep[1] = {1, {.sample = 1}};
        } else {
            u.next = past_term(1);
            u.next.add(dt / 2, past_term(0));
            u.next.add(dt / 2, slope);
        }
        return u;
    }

private:
    explicit heun(heun_options const& o) : exploding_steps(o.kind, o.timesteps), bound_(o.bound) {}

    limit bound_;
    std::vector<float> way_; ///< sigmas, one a whole step
};

static_assert(scheduler<heun>);

} // namespace haiga::sched
