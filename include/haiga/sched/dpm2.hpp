#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/euler_ancestral.hpp"
#include "haiga/sched/exploding_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace haiga::sched {

struct dpm2_options {
    prediction kind = prediction::epsilon;
    spacing timesteps = spacing::linspace;
    int steps_offset = 0;
    sigma_spacing sigmas = sigma_spacing::of_timesteps;
};

struct dpm2_ancestral_options : dpm2_options {};

namespace detail {

/// The sigma halfway between two in the logarithm; 0 where one is.
inline auto log_middle(float a, float b) -> float
{
    return a > 0 && b > 0 ? std::exp(std::log(b) - (std::log(b) - std::log(a)) * 0.5F) : 0;
}

/// Steps with a stage in the middle. Ancestral: the way ends before the sigma where the step ends.
class dpm2_steps : public exploding_steps {
public:
    [[nodiscard]] auto kept() const -> int { return 1; } ///< where the step began
    void begin_at(int i) const { HAIGA_CHECK(i % 2 == 0, "step ", i, " is a second stage"); }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const& part = parts_[index(i) / 2];
        auto u = told(i);
        if (i % 2 == 0) {
            u.next.sample = 1;
            u.next.add(part.middle - part.from, derivative(i));
            u.keep[0] = {0, {.sample = 1}};
        } else {
            u.next = past_term(0);
            u.next.add(part.to - part.from, derivative(i));
            u.next.noise = part.up;
            u.draws = ancestral_;
        }
        return u;
    }

protected:
    struct whole_step {
        float from, middle, to, up;
    };

    explicit dpm2_steps(dpm2_options const& o) : exploding_steps(o.kind, o.timesteps) {}

    auto set(noise_schedule auto const& schedule, dpm2_options const& options, int steps,
             bool ancestral) -> result<>
    {
        HAIGA_TRY_VOID(check_exploding(options.kind));
        ancestral_ = ancestral;
        auto const training = training_sigmas(schedule);
        HAIGA_TRY(auto const path, exploding_path(training, options.timesteps, steps,
                                                  options.steps_offset, options.sigmas));
        for (std::size_t k = 0; k < path.times.size(); ++k) {
            bool const whole = options.sigmas == sigma_spacing::karras; // as Diffusers tells them
            evaluate(whole ? std::nearbyint(path.times[k]) : path.times[k], path.sigmas[k]);
            float const from = path.sigmas[k];
            auto const split = ancestral ? split_ancestral(from, path.sigmas[k + 1])
                                         : ancestral_split{path.sigmas[k + 1], 0};
            float const middle =
                ancestral ? log_middle(from, split.down) : log_middle(split.down, from);
            parts_.push_back({from, middle, split.down, split.up});
            if (k + 1 < path.times.size()) {
                evaluate(static_cast<float>(time_of(training, middle)), middle);
            }
        }
        return {};
    }

private:
    bool ancestral_ = false;
    std::vector<whole_step> parts_;
};

} // namespace detail

/// Steps of the probability flow by the slope at their middle, two evaluations a step but the last.
/// Source: Lu et al. 2022, arXiv:2206.00927, algorithm 1 (r = 1/2), as Karras et al. 2022,
/// arXiv:2206.00364, parametrize the flow.
class dpm2 : public detail::dpm2_steps {
public:
    /// Errors: those of exploding_path; unsupported for a flow. Time: steps * 2 - 1 evaluations.
    static auto make(noise_schedule auto const& schedule, dpm2_options const& options, int steps)
        -> result<dpm2>
    {
        dpm2 made(options);
        HAIGA_TRY_VOID(made.set(schedule, options, steps, false));
        return made;
    }

private:
    using dpm2_steps::dpm2_steps;
};

/// The same with a little of the noise drawn anew at the end of each step: see split_ancestral.
class dpm2_ancestral : public detail::dpm2_steps {
public:
    /// Errors and time: those of dpm2.
    static auto make(noise_schedule auto const& schedule, dpm2_ancestral_options const& options,
                     int steps) -> result<dpm2_ancestral>
    {
        dpm2_ancestral made(options);
        HAIGA_TRY_VOID(made.set(schedule, options, steps, true));
        return made;
    }

private:
    using dpm2_steps::dpm2_steps;
};

static_assert(scheduler<dpm2> && scheduler<dpm2_ancestral>);

} // namespace haiga::sched
