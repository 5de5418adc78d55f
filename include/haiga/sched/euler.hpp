#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/scheduler.hpp"
#include "haiga/sched/sigma_path.hpp"
#include "haiga/sched/timetable.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace haiga::sched {

struct euler_options {
    using sigma_spacing = sched::sigma_spacing;
    using last_sigma = sched::last_sigma;

    prediction kind = prediction::epsilon;
    spacing timesteps = spacing::linspace;
    int steps_offset = 0;
    sigma_spacing sigmas = sigma_spacing::of_timesteps;
    std::optional<double> sigma_min{}; ///< for karras, exponential, beta; else what the steps give
    std::optional<double> sigma_max{};
    last_sigma last = last_sigma::zero;
    bool continuous_timesteps = false; ///< the model is told ln(sigma) / 4 (v-prediction only)

    float churn = 0; ///< Karras et al. 2022, algorithm 2; 0: no noise is drawn
    float churn_from = 0;
    float churn_to = std::numeric_limits<float>::infinity();
    float churn_noise = 1;
};

/// Euler steps of the probability flow, on samples scaled to x_0 + sigma * epsilon.
/// Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2 without its second-order correction.
class euler {
public:
    using sigma_spacing = euler_options::sigma_spacing;

    static auto make(noise_schedule auto const& schedule, euler_options const& options, int steps)
        -> result<euler>
    {
        HAIGA_TRY(auto times, spaced_timesteps(options.timesteps, schedule.steps(), steps,
                                               options.steps_offset));
        return from_times(schedule, options, {times.begin(), times.end()});
    }

    /// With time steps of one's own, descending, between those of the schedule if need be.
    static auto make(noise_schedule auto const& schedule, euler_options const& options,
                     std::span<float const> timesteps) -> result<euler>
    {
        if (timesteps.empty() || !(timesteps.back() >= 0) ||
            !(timesteps.front() <= static_cast<float>(schedule.steps() - 1)) ||
            !std::is_sorted(timesteps.rbegin(), timesteps.rend())) {
            return fail(errc::invalid, "euler: expected descending time steps in [0, ",
                        schedule.steps() - 1, ']');
        }
        return from_times(schedule, options, {timesteps.begin(), timesteps.end()});
    }

    /// With sigmas of one's own, descending; the last is where the last step ends.
    static auto from_sigmas(noise_schedule auto const& schedule, euler_options const& options,
                            std::span<float const> sigmas) -> result<euler>
    {
        if (sigmas.size() < 2 || !(sigmas.back() >= 0) || !(sigmas[sigmas.size() - 2] > 0) ||
            !std::is_sorted(sigmas.rbegin(), sigmas.rend())) {
            return fail(errc::invalid, "euler: expected two or more descending sigmas above 0");
        }
        euler made(options);
        made.sigmas_.assign(sigmas.begin(), sigmas.end());
        made.set_times(training_sigmas(schedule));
        return made;
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(times_.size()); }
    [[nodiscard]] auto timestep(int i) const -> float { return times_[index(i)]; }
    [[nodiscard]] auto sigma(int i) const -> float { return sigmas_[index(i)]; }
    [[nodiscard]] auto input_scale(int i) const -> float
    {
        return 1 / std::sqrt(sigma(i) * sigma(i) + 1);
    }
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto initial_sigma() const -> float
    {
        float const most = *std::max_element(sigmas_.begin(), sigmas_.end());
        return options_.timesteps == spacing::leading ? std::sqrt(most * most + 1) : most;
    }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1, sigma(i)}; }

    [[nodiscard]] auto at(int i) const -> update
    {
        float const s = sigma(i);
        bool const churned = s >= options_.churn_from && s <= options_.churn_to;
        float const gamma = churned
                                ? std::min(options_.churn / static_cast<float>(sigmas_.size() - 1),
                                           std::sqrt(2.0F) - 1)
                                : 0;
        float const raised = s * (gamma + 1);
        float const added =
            gamma > 0 ? options_.churn_noise * std::sqrt(raised * raised - s * s) : 0;
        float const way = sigmas_[index(i) + 1] - raised;
        update u;
        switch (options_.kind) {
        case prediction::epsilon:
            u.clean = {1, -raised, added};
            u.next = {0, 1, way, added}; // the derivative is the output itself
            return u;
        case prediction::v:
            u.clean = {1 / (s * s + 1), -s / std::sqrt(s * s + 1), added / (s * s + 1)};
            break;
        case prediction::sample: u.clean = {0, 1, 0}; break;
        case prediction::flow: break; // refused by make
        }
        float const kept = sigmas_[index(i) + 1] / raised;
        u.next = {-way / raised, kept, 0, kept * added};
        return u;
    }

private:
    explicit euler(euler_options const& options) : options_(options) {}

    static auto from_times(noise_schedule auto const& schedule, euler_options const& options,
                           std::vector<float> times) -> result<euler>
    {
        if (options.sigmas == sigma_spacing::lu || options.sigmas == sigma_spacing::flow ||
            options.kind == prediction::flow) {
            return fail(errc::unsupported, "euler: Lu's sigmas, or a flow");
        }
        auto const training = training_sigmas(schedule);
        euler made(options);
        for (float const t : times) {
            made.sigmas_.push_back(static_cast<float>(sigma_at(training, t)));
        }
        made.times_ = std::move(times);
        made.sigmas_.push_back(options.last == euler_options::last_sigma::zero ? 0 : training[0]);
        made.respace(training);
        return made;
    }

    void respace(std::vector<float> const& training)
    {
        int const count = steps();
        double const high = options_.sigma_max.value_or(sigma_at(training, times_.front()));
        double const low = options_.sigma_min.value_or(sigma_at(training, times_.back()));
        switch (options_.sigmas) {
        case sigma_spacing::of_timesteps: break;
        case sigma_spacing::log_linear: // over all of training, whatever the time steps
            log_linear_sigmas(training);
            break;
        case sigma_spacing::karras:
        case sigma_spacing::exponential:
        case sigma_spacing::beta:
            replace(spaced_sigmas(options_.sigmas, high, low, count), training);
            break;
        case sigma_spacing::lu:
        case sigma_spacing::flow: break; // refused by from_times
        }
        if (options_.continuous_timesteps && options_.kind == prediction::v) {
            std::transform(sigmas_.begin(), sigmas_.begin() + count, times_.begin(),
                           [](float s) { return 0.25F * std::log(s); });
        }
    }

    /// One sigma more than steps, and the last one after it, as diffusers has it: the last step
    /// ends at the least of the training sigmas, and churn counts a step more.
    void log_linear_sigmas(std::vector<float> const& training)
    {
        auto const logs =
            even_floats(std::log(training.back()), std::log(training.front()), steps() + 1);
        for (std::size_t i = 0; i < logs.size(); ++i) {
            if (i + 1 == logs.size()) {
                sigmas_.push_back(sigmas_.back());
            }
            sigmas_[i] = std::exp(logs[i]);
        }
    }

    void replace(std::vector<double> const& sigmas, std::vector<float> const& training)
    {
        for (std::size_t i = 0; i < sigmas.size(); ++i) {
            sigmas_[i] = static_cast<float>(sigmas[i]);
            times_[i] = static_cast<float>(time_of(training, sigmas[i]));
        }
    }

    void set_times(std::vector<float> const& training)
    {
        for (std::size_t i = 0; i + 1 < sigmas_.size(); ++i) {
            bool const continuous = options_.continuous_timesteps && options_.kind == prediction::v;
            times_.push_back(continuous ? 0.25F * std::log(sigmas_[i])
                                        : static_cast<float>(time_of(training, sigmas_[i])));
        }
    }

    [[nodiscard]] auto index(int i) const -> std::size_t
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return static_cast<std::size_t>(i);
    }

    euler_options options_;
    std::vector<float> times_;
    std::vector<float> sigmas_; ///< before each step, then where the last one ends (and more)
};

static_assert(scheduler<euler>);

} // namespace haiga::sched
