#pragma once

#include "haiga/sched/noise_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace haiga::sched {

namespace detail {

/// betas, at most 0.999, of an alpha_bar that is a function of time in [0, 1].
template <class AlphaBar>
auto betas_of(int steps, AlphaBar const& alpha_bar) -> std::vector<float>
{
    HAIGA_CHECK(steps > 0);
    std::vector<float> betas;
    for (int i = 0; i < steps; ++i) {
        double const left = alpha_bar((i + 1) / static_cast<double>(steps)) /
                            alpha_bar(i / static_cast<double>(steps));
        betas.push_back(static_cast<float>(std::min(1 - left, 0.999)));
    }
    return betas;
}

} // namespace detail

/// log(SNR) of a Laplace distribution. Source: Hang et al. 2024, arXiv:2407.03297, table 1, with
/// Diffusers' numbers.
class laplace : public alpha_bar_table {
public:
    explicit laplace(int steps = 1000)
        : alpha_bar_table(detail::betas_of(steps, [](double t) {
              double const lambda =
                  -0.5 * std::copysign(1.0, 0.5 - t) * std::log(1 - 2 * std::abs(0.5 - t) + 1e-6);
              return std::sqrt(std::exp(lambda) / (1 + std::exp(lambda)));
          }))
    {
    }
};

/// alpha_bar = e^(-12 t), which Diffusers calls exp.
class exponential_decay : public alpha_bar_table {
public:
    explicit exponential_decay(int steps = 1000)
        : alpha_bar_table(detail::betas_of(steps, [](double t) { return std::exp(t * -12.0); }))
    {
    }
};

/// betas on a sigmoid from -6 to 6. Source: Xu et al. 2022, arXiv:2203.02923, published code.
class sigmoid : public alpha_bar_table {
public:
    explicit sigmoid(int steps = 1000, double first_beta = 1e-4, double last_beta = 0.02)
        : alpha_bar_table(betas(steps, first_beta, last_beta))
    {
    }

private:
    static auto betas(int steps, double first, double last) -> std::vector<float>
    {
        auto values = even_floats(-6, 6, steps);
        std::transform(values.begin(), values.end(), values.begin(), [&](float x) {
            return 1 / (1 + std::exp(-x)) * static_cast<float>(last - first) +
                   static_cast<float>(first);
        });
        return values;
    }
};

static_assert(noise_schedule<laplace> && noise_schedule<exponential_decay> &&
              noise_schedule<sigmoid>);

} // namespace haiga::sched
