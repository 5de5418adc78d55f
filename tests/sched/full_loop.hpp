#pragma once

// The full loops of diffusers' own tests: github.com/huggingface/diffusers at commit
// 58eb52c0803ea9af3abec60841c2a093bdf1f951, tests/schedulers/test_schedulers.py has the sample, the
// noise and the model.
#include "haiga/base/torch_generator.hpp"
#include "haiga/sched/any_scheduler.hpp"
#include "haiga/sched/brownian_tree.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

namespace full_loop {

using namespace haiga::sched;

inline constexpr std::size_t images = 4;
inline constexpr std::size_t pixels = 3 * 8 * 8;

/// arange(768) / 768 in the order CHWN, seen as NCHW.
inline auto first_sample() -> std::vector<float>
{
    std::vector<float> x(images * pixels);
    for (std::size_t n = 0; n < images; ++n) {
        for (std::size_t p = 0; p < pixels; ++p) {
            x[n * pixels + p] = static_cast<float>(p * images + n) / 768;
        }
    }
    return x;
}

/// The same, counted from the other end.
inline auto fixed_noise() -> std::vector<float>
{
    auto x = first_sample();
    for (auto& value : x) {
        value = (767 - std::round(value * 768)) / 768;
    }
    return x;
}

struct loop {
    any_scheduler scheduler;
    int first = 0;
    bool keeps_scaled_sample = false; ///< some tests overwrite the sample by the model's input
    bool unscaled = false;            ///< EDM DPM's tests show the model the sample as it is

    [[nodiscard]] auto run(std::vector<float> sample) const -> double
    {
        haiga::torch_generator generator(0);
        history<float> past(scheduler.kept(), sample.size());
        auto const started = starting_at(scheduler, first);
        auto const* sde = scheduler.get_if<dpm_sde>();
        std::optional<brownian_tree> tree;
        if (sde) {
            tree.emplace(0, sde->least_sigma(), sde->most_sigma(), sample.size());
        }
        std::vector<float> input(sample.size());
        std::vector<float> output(sample.size());
        std::vector<float> clean(sample.size());
        std::vector<float> noise(sample.size());
        for (int i = first; i < scheduler.steps(); ++i) {
            if (unscaled) {
                input = sample;
            } else {
                scale_input(scheduler, i, sample, input);
            }
            float const t = scheduler.timestep(i);
            std::transform(input.begin(), input.end(), output.begin(),
                           [&](float x) { return x * t / (t + 1); });
            if (keeps_scaled_sample) {
                sample = input;
            }
            if (sde && started.at(i).takes_noise()) {
                tree->noise(sde->noise_from(i), sde->noise_to(i), noise);
            } else if (started.at(i).takes_noise()) {
                generator.fill_normal(noise);
            }
            step(started, i, sample, output, clean, past, noise);
        }
        return std::accumulate(sample.begin(), sample.end(), 0.0,
                               [](double sum, float x) { return sum + std::abs(x); });
    }

    [[nodiscard]] auto run_from_start() const -> double
    {
        auto sample = first_sample();
        combine(sample, unscaled ? 1 : scheduler.initial_sigma(), sample, 0, sample);
        return run(sample);
    }

    [[nodiscard]] auto run_from_noised() const -> double
    {
        auto sample = first_sample();
        combine(sample, unscaled ? 1 : scheduler.initial_sigma(), sample, 0, sample);
        add_noise(scheduler.mixture_before(first), sample, fixed_noise(), sample);
        return run(sample);
    }
};

/// At the tolerances of those tests: 1e-2 for sums, 1e-3 for means over 768.
inline void check_sum(double sum, double published, double mean)
{
    CHECK(std::abs(sum - published) < 1e-2);
    CHECK(std::abs(sum / 768 - mean) < 1e-3);
}
inline void check_mean(double sum, double published)
{
    CHECK(std::abs(sum / 768 - published) < 1e-3);
}

} // namespace full_loop
