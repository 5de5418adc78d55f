#pragma once

#include "haiga/base/check.hpp"

#include <cmath>
#include <cstddef>
#include <span>

namespace haiga::sample {

/// How strongly a picture follows its prompt.
struct guidance {
    float scale = 7.5F; ///< at most 1: the prompt alone is asked, not what it is to be unlike
    /// How far guided predictions are brought back to the spread of unguided ones.
    float rescale = 0;

    [[nodiscard]] auto is_on() const -> bool { return scale > 1; }
};

/// guided += scale * weight * (told - untold), of one of the prompts that are composed.
/// guided begins as untold.
/// Source: Ho and Salimans 2022, arXiv:2207.12598, eq. 6; composed: Liu et al. 2022,
///         arXiv:2206.01714, eq. 11.
inline void guide(float scale, float weight, std::span<float const> untold,
                  std::span<float const> told, std::span<float> guided)
{
    HAIGA_CHECK(untold.size() == told.size() && guided.size() == told.size(), "sizes differ");
    float const factor = scale * weight;
    for (std::size_t i = 0; i < guided.size(); ++i) {
        guided[i] += factor * (told[i] - untold[i]);
    }
}

namespace detail {

/// As torch.std: over n - 1.
inline auto deviation(std::span<float const> x) -> double
{
    double sum = 0;
    for (float const v : x) {
        sum += v;
    }
    double const mean = sum / static_cast<double>(x.size());
    double squares = 0;
    for (float const v : x) {
        squares += (v - mean) * (v - mean);
    }
    return std::sqrt(squares / static_cast<double>(x.size() - 1));
}

} // namespace detail

/// Brings a guided prediction to the spread of what the prompt alone gave, by a part `rescale`.
/// Source: Lin et al. 2023, arXiv:2305.08891, eq. 15 and 16.
inline void rescale_guided(float rescale, std::span<float const> told, std::span<float> guided)
{
    auto const spread = detail::deviation(guided);
    if (rescale == 0 || !(spread > 0)) {
        return;
    }
    auto const ratio = static_cast<float>(detail::deviation(told) / spread);
    float const factor = rescale * ratio + (1 - rescale);
    for (float& x : guided) {
        x *= factor;
    }
}

} // namespace haiga::sample
