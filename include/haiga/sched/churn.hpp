#pragma once

#include <algorithm>
#include <cmath>

namespace haiga::sched::detail {

/// A sample whose noise was raised before a step: `added` times new noise makes sigma of it.
struct churned {
    float sigma = 0;
    float added = 0;
    bool draws = false;
};

/// Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2. options: churn, churn_from, churn_to
/// and churn_noise; ways: sigmas of the run but one.
template <class Options>
auto churned_at(Options const& options, float sigma, std::size_t ways) -> churned
{
    bool const within = sigma >= options.churn_from && sigma <= options.churn_to;
    float const gamma =
        within ? std::min(options.churn / static_cast<float>(ways), std::sqrt(2.0F) - 1) : 0;
    if (!(gamma > 0)) {
        return {sigma};
    }
    float const raised = sigma * (gamma + 1);
    return {raised, options.churn_noise * std::sqrt(raised * raised - sigma * sigma), true};
}

} // namespace haiga::sched::detail
