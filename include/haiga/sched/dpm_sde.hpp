#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/exploding_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace haiga::sched {

struct dpm_sde_options {
    prediction kind = prediction::epsilon;
    spacing timesteps = spacing::linspace;
    int steps_offset = 0;
    sigma_spacing sigmas = sigma_spacing::of_timesteps;
    float noise = 1;                     ///< times the noise that is drawn
    std::optional<std::uint64_t> seed{}; ///< of its brownian_tree, where a file tells one
};

/// "DPM++ SDE": ancestral steps in two stages, by the slope of x_0 in log sigma. Two evaluations a
/// step, but one for the last; each but that draws noise, best from a brownian_tree between
/// noise_from(i) and noise_to(i).
/// Source: Lu et al. 2022, arXiv:2211.01095, algorithm 1 (r = 1/2) with the noise of k-diffusion.
class dpm_sde : public detail::exploding_steps {
public:
    /// Errors: those of exploding_path; unsupported for a flow. Time: steps * 2 - 1 evaluations.
    static auto make(noise_schedule auto const& schedule, dpm_sde_options const& options, int steps)
        -> result<dpm_sde>
    {
        HAIGA_TRY_VOID(detail::check_exploding(options.kind));
        auto const training = training_sigmas(schedule);
        HAIGA_TRY(auto path, exploding_path(training, options.timesteps, steps,
                                            options.steps_offset, options.sigmas));
        dpm_sde made(options);
        made.way_ = std::move(path.sigmas);
        for (std::size_t k = 0; k < path.times.size(); ++k) {
            made.evaluate(path.times[k], made.way_[k]);
            if (k + 1 < path.times.size()) {
                float const middle = made.middle(k);
                made.evaluate(static_cast<float>(time_of(training, middle)), middle);
            }
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return 1; } ///< where the step began
    void begin_at(int i) const { HAIGA_CHECK(i % 2 == 0, "step ", i, " is a second stage"); }

    /// The sigmas between which the noise of step i belongs; 0 where none does.
    [[nodiscard]] auto noise_from(int i) const -> float { return there_and_back(index(i) / 2); }
    [[nodiscard]] auto noise_to(int i) const -> float
    {
        auto const k = index(i) / 2;
        bool const last = k + 2 == way_.size();
        return last ? 0 : i % 2 == 0 ? middle(k) : there_and_back(k + 1);
    }
    /// The ends of a brownian_tree for the whole run.
    [[nodiscard]] auto least_sigma() const -> float { return way_[way_.size() - 2]; }
    [[nodiscard]] auto most_sigma() const -> float { return way_.front(); }
    /// Of the tree: noise_sampler_seed of the file.
    [[nodiscard]] auto seed() const -> std::optional<std::uint64_t> { return seed_; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto u = told(i);
        if (noise_to(i) == 0) {
            u.next.clean = 1;
            return u;
        }
        float const t = -std::log(way_[index(i) / 2]);
        float const start = noise_from(i);
        float const to = noise_to(i);
        float const up =
            std::min(to, std::sqrt(to * to * (start * start - to * to) / (start * start)));
        float const ancestral = -std::log(std::sqrt(std::max(to * to - up * up, 0.0F)));
        if (i % 2 == 0) {
            u.next.add(std::exp(-ancestral) / start, {.sample = 1});
            u.keep[0] = {0, {.sample = 1}};
        } else {
            u.next.add(std::exp(-ancestral) / start, past_term(0));
        }
        u.next.clean -= std::expm1(t - ancestral);
        u.next.noise = up * noise_;
        u.draws = true;
        return u;
    }

private:
    explicit dpm_sde(dpm_sde_options const& o)
        : exploding_steps(o.kind, o.timesteps), noise_(o.noise), seed_(o.seed)
    {
    }

    /// A sigma, by way of its logarithm: a unit in the last place is other noise of the tree.
    [[nodiscard]] auto there_and_back(std::size_t k) const -> float
    {
        return std::exp(std::log(way_[k]));
    }
    /// The sigma halfway to the next in the logarithm.
    [[nodiscard]] auto middle(std::size_t k) const -> float
    {
        float const t = -std::log(way_[k]);
        float const next = -std::log(way_[k + 1]);
        return std::exp(-(t + (next - t) * 0.5F));
    }

    float noise_;
    std::optional<std::uint64_t> seed_;
    std::vector<float> way_; ///< sigmas, one a whole step, then 0
};

static_assert(scheduler<dpm_sde>);

} // namespace haiga::sched
