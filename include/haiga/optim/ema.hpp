#pragma once

#include "haiga/base/check.hpp"
#include "haiga/base/parallel.hpp"
#include "haiga/optim/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace haiga::optim {

/// The decay of a moving average of the parameters, small while the average is young.
/// The defaults and the meaning are those of diffusers.training_utils.EMAModel.
struct ema_decay {
    double most = 0.9999;
    double least = 0;
    std::int64_t after_step = 0; ///< until then the average is a copy
    bool power_law = false;      ///< 1 - (1 + n / inv_gamma)^-power, else (1 + n) / (10 + n)
    double inv_gamma = 1;
    double power = 2.0 / 3;

    /// For the update after optimizer step `step`, counted from 1.
    [[nodiscard]] auto at(std::int64_t step) const -> double
    {
        auto const n = static_cast<double>(step - after_step - 1);
        if (n <= 0) {
            return 0;
        }
        double const warm =
            power_law ? 1 - std::pow(1 + n / inv_gamma, -power) : (1 + n) / (10 + n);
        return std::max(std::min(warm, most), least);
    }
};

/// average = decay * average + (1 - decay) * parameters. An optimizer does it in its own pass,
/// given step_inputs::average; this is for what it does not own.
inline void update_average(parallelism team, std::span<float> average,
                           std::span<float const> parameters, double decay)
{
    HAIGA_CHECK(average.size() == parameters.size(), average.size(), " and ", parameters.size());
    auto const weight = static_cast<float>(1 - decay);
    auto const chunks = (average.size() + chunk_elements - 1) / chunk_elements;
    parallel_for(team, static_cast<std::ptrdiff_t>(chunks), [&](auto index, int) {
        auto const first = static_cast<std::size_t>(index) * chunk_elements;
        auto const last = std::min(first + chunk_elements, average.size());
        for (auto i = first; i < last; ++i) {
            average[i] += weight * (parameters[i] - average[i]);
        }
    });
}

} // namespace haiga::optim
