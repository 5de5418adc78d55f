#pragma once

#include "haiga/sched/beta_quantile.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace haiga::sched {

/// The ratio of noise to signal at every training step, ascending, in float32.
/// A step without any signal counts as alpha_bar = 2^-24, so that all are finite.
inline auto training_sigmas(noise_schedule auto const& schedule) -> std::vector<float>
{
    std::vector<float> sigmas;
    for (int t = 0; t < schedule.steps(); ++t) {
        auto const a = static_cast<float>(schedule.alpha_bar(t));
        float const kept = a > 0 ? a : 0x1p-24F;
        sigmas.push_back(std::sqrt((1 - kept) / kept));
    }
    return sigmas;
}

/// The sigma at a time step between two training steps; the first or last one outside of them.
inline auto sigma_at(std::span<float const> training, double time) -> double
{
    double const inside = std::clamp(time, 0.0, static_cast<double>(training.size() - 1));
    auto const low = std::min(static_cast<std::size_t>(inside), training.size() - 1);
    auto const high = std::min(low + 1, training.size() - 1);
    double const slope = double{training[high]} - double{training[low]};
    return slope * (inside - static_cast<double>(low)) + double{training[low]};
}

/// The time step that has this sigma, by interpolation of its logarithm.
inline auto time_of(std::span<float const> training, double sigma) -> double
{
    double const wanted = std::log(std::max(sigma, 1e-10));
    auto const log_at = [&](std::size_t i) { return double{std::log(training[i])}; };
    auto const above = std::partition_point(training.begin(), training.end(),
                                            [&](float s) { return double{std::log(s)} <= wanted; });
    auto const found = std::max<std::ptrdiff_t>(above - training.begin() - 1, 0);
    auto const low = std::min(static_cast<std::size_t>(found), training.size() - 2);
    double const part = (log_at(low) - wanted) / (log_at(low) - log_at(low + 1));
    return static_cast<double>(low) + std::clamp(part, 0.0, 1.0);
}

/// count sigmas from high to low, evenly in sigma^(1/7).
/// Source: Karras et al. 2022, arXiv:2206.00364, eq. 5.
inline auto karras_sigmas(double high, double low, int count) -> std::vector<double>
{
    double const first = std::pow(high, 1 / 7.0);
    double const last = std::pow(low, 1 / 7.0);
    std::vector<double> sigmas;
    for (int i = 0; i < count; ++i) {
        double const part = count > 1 ? i / (count - 1.0) : 0;
        sigmas.push_back(std::pow(first + part * (last - first), 7));
    }
    return sigmas;
}

/// count sigmas from high to low, evenly in their logarithm.
inline auto exponential_sigmas(double high, double low, int count) -> std::vector<double>
{
    std::vector<double> sigmas;
    for (int i = 0; i < count; ++i) {
        double const part = count > 1 ? i / (count - 1.0) : 0;
        sigmas.push_back(std::exp(std::log(high) + part * (std::log(low) - std::log(high))));
    }
    return sigmas;
}

/// The same from logarithms in float32, as Diffusers has it where it speaks of lambdas.
/// Source: Lu et al. 2022, arXiv:2206.00927, section 3.4.
inline auto lu_sigmas(double high, double low, int count) -> std::vector<double>
{
    double const first = std::log(static_cast<float>(high));
    double const last = std::log(static_cast<float>(low));
    std::vector<double> sigmas;
    for (int i = 0; i < count; ++i) {
        double const part = count > 1 ? i / (count - 1.0) : 0;
        sigmas.push_back(std::exp(first + part * (last - first)));
    }
    return sigmas;
}

/// count sigmas from high to low, at evenly spaced quantiles of beta(0.6, 0.6).
/// Source: Lee et al. 2024, arXiv:2407.12173.
inline auto beta_sigmas(double high, double low, int count) -> std::vector<double>
{
    std::vector<double> sigmas;
    for (int i = 0; i < count; ++i) {
        double const part = count > 1 ? i / (count - 1.0) : 0;
        sigmas.push_back(low + beta_quantile(1 - part, 0.6) * (high - low));
    }
    return sigmas;
}

} // namespace haiga::sched
