#pragma once

#include "haiga/context/token_counter.hpp"

#include <algorithm>
#include <cmath>

namespace haiga::context {

/// What the API's reports say about a counter: how many tokens there were for one that it
/// estimated.
///
/// Texts of one conversation resemble each other, and a counter errs on them in one way: that part
/// of its error is learned away; the other half of it is each text's own, and stays.
class calibration {
public:
    /// The estimate of some text, and what it turned out to be. Both above 0.
    void learn(double estimated, double reported)
    {
        estimated_ += estimated;
        reported_ += reported;
    }

    [[nodiscard]] auto ratio() const -> double
    {
        return (prior + reported_) / (prior + estimated_);
    }

    [[nodiscard]] auto corrected(token_count estimate) const -> token_count
    {
        auto const left = (1 + std::sqrt(prior / (prior + estimated_))) / 2;
        return {estimate.tokens * ratio(), estimate.error * ratio() * left};
    }

private:
    static constexpr double prior = 200; ///< tokens that the counter is trusted with beforehand

    double estimated_ = 0;
    double reported_ = 0;
};

} // namespace haiga::context
