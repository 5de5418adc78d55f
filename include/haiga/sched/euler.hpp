#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/churn.hpp"
#include "haiga/sched/exploding_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/timetable.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <utility>
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
class euler : public detail::exploding_steps {
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
        auto const training = training_sigmas(schedule);
        std::vector<float> times;
        std::transform(sigmas.begin(), sigmas.end() - 1, std::back_inserter(times),
                       [&](float s) { return static_cast<float>(time_of(training, s)); });
        return euler(options, std::move(times), {sigmas.begin(), sigmas.end()});
    }

    [[nodiscard]] auto kept() const -> int { return 0; }

    [[nodiscard]] auto at(int i) const -> update
    {
        float const s = sigma(i);
        auto const [raised, added, draws] = detail::churned_at(options_, s, way_.size() - 1);
        float const to = way_[index(i) + 1];
        update u;
        u.draws = draws;
        switch (options_.kind) {
        case prediction::epsilon:
            u.clean = {1, -raised, added};
            u.next = {0, 1, to - raised, added}; // the derivative is the output itself
            return u;
        case prediction::v:
            u.clean = {1 / (s * s + 1), -s / std::sqrt(s * s + 1), added / (s * s + 1)};
            break;
        case prediction::sample: u.clean = {0, 1, 0}; break;
        case prediction::flow: break; // refused by from_times
        }
        float const kept = to / raised;
        u.next = {-(to - raised) / raised, kept, 0, kept * added};
        return u;
    }

private:
    euler(euler_options const& options, std::vector<float> times, std::vector<float> way)
        : exploding_steps(options.kind, options.timesteps), options_(options), way_(std::move(way))
    {
        bool const continuous = options.continuous_timesteps && options.kind == prediction::v;
        // told as logarithms, log-linear sigmas are a step more, to the very end
        for (std::size_t i = 0; i < (continuous ? way_.size() - 1 : times.size()); ++i) {
            evaluate(continuous ? 0.25F * std::log(way_[i]) : times[i], way_[i]);
        }
    }

    static auto from_times(noise_schedule auto const& schedule, euler_options const& options,
                           std::vector<float> times) -> result<euler>
    {
        HAIGA_TRY_VOID(detail::check_exploding(options.kind));
        auto const training = training_sigmas(schedule);
        std::vector<float> way;
        std::transform(times.begin(), times.end(), std::back_inserter(way),
                       [&](float t) { return static_cast<float>(sigma_at(training, t)); });
        way.push_back(options.last == last_sigma::zero ? 0 : training[0]);
        if (options.sigmas == sigma_spacing::log_linear) {
            log_linear_sigmas(training, way);
        } else {
            HAIGA_TRY_VOID(check_spacing(options.sigmas));
            double const high = options.sigma_max.value_or(sigma_at(training, times.front()));
            double const low = options.sigma_min.value_or(sigma_at(training, times.back()));
            respace(spaced_sigmas(options.sigmas, high, low, static_cast<int>(times.size())),
                    training, times, way);
        }
        return euler(options, std::move(times), std::move(way));
    }

    /// Over all of training, whatever the time steps. One sigma more than steps, and the last one
    /// after it, as diffusers has it: the last step ends at the least of the training sigmas, and
    /// churn counts a step more.
    static void log_linear_sigmas(std::vector<float> const& training, std::vector<float>& way)
    {
        auto const logs = even_floats(std::log(training.back()), std::log(training.front()),
                                      static_cast<int>(way.size()));
        float const last = way.back();
        std::transform(logs.begin(), logs.end(), way.begin(),
                       [](float log) { return std::exp(log); });
        way.push_back(last);
    }

    euler_options options_;
    std::vector<float> way_; ///< sigmas before each step, then where the last one ends (and more)
};

static_assert(scheduler<euler>);

} // namespace haiga::sched
