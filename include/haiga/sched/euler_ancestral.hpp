#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/exploding_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <cmath>
#include <vector>

namespace haiga::sched {

/// A step to sigma_to as one without noise to down and then noise of up: down^2 + up^2 =
/// sigma_to^2. Source: Ho et al. 2020, arXiv:2006.11239, section 3.2, in the variables of Karras et
/// al. 2022; the float32 arithmetic of k-diffusion.
struct ancestral_split {
    float down = 0;
    float up = 0;
};

inline auto split_ancestral(float from, float to) -> ancestral_split
{
    ancestral_split split;
    split.up = std::sqrt(to * to * (from * from - to * to) / (from * from));
    split.down = std::sqrt(std::max(to * to - split.up * split.up, 0.0F));
    return split;
}

struct euler_ancestral_options {
    prediction kind = prediction::epsilon;
    spacing timesteps = spacing::linspace;
    int steps_offset = 0;
    sigma_spacing sigmas = sigma_spacing::of_timesteps;
};

/// Euler steps of the probability flow, each a little too far, and noise that makes up for it.
/// Source: as split_ancestral.
class euler_ancestral : public detail::exploding_steps {
public:
    /// Errors: those of exploding_path; unsupported for a flow.
    static auto make(noise_schedule auto const& schedule, euler_ancestral_options const& options,
                     int steps) -> result<euler_ancestral>
    {
        HAIGA_TRY_VOID(detail::check_exploding(options.kind));
        HAIGA_TRY(auto path, exploding_path(training_sigmas(schedule), options.timesteps, steps,
                                            options.steps_offset, options.sigmas));
        euler_ancestral made(options);
        for (std::size_t i = 0; i < path.times.size(); ++i) {
            made.evaluate(path.times[i], path.sigmas[i]);
            made.split_.push_back(split_ancestral(path.sigmas[i], path.sigmas[i + 1]));
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return 0; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const [down, up] = split_[index(i)];
        auto u = told(i);
        u.next.sample = 1;
        u.next.add(down - sigma(i), derivative(i));
        u.next.noise = up;
        u.draws = true;
        return u;
    }

private:
    explicit euler_ancestral(euler_ancestral_options const& o)
        : exploding_steps(o.kind, o.timesteps)
    {
    }

    std::vector<ancestral_split> split_;
};

static_assert(scheduler<euler_ancestral>);

} // namespace haiga::sched
