#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace haiga::sched {

/// Dynamic thresholding: clip x_0 to its quantile s of |x_0|, 1 <= s <= most, and divide by s.
/// Source: Saharia et al. 2022, arXiv:2205.11487, section 2.3.
struct dynamic_threshold {
    float quantile = 0.995F;
    float most = 1;
};

/// What the predicted x_0 is held to.
struct limit {
    std::optional<float> clip{};                  ///< to [-clip, clip]
    std::optional<dynamic_threshold> threshold{}; ///< goes before clip
};

namespace detail {

/// The magnitude with exactly rank others before it in ascending order, and the one after it.
/// Radix selection on the bits of |x| as float, whose order is that of the numbers: no copy.
/// Cost: five passes.
template <class Iterator>
auto magnitudes_at(Iterator x, std::ptrdiff_t n, std::ptrdiff_t rank) -> std::array<float, 2>
{
    auto const bits = [&](std::ptrdiff_t i) {
        return std::bit_cast<std::uint32_t>(std::abs(static_cast<float>(x[i])));
    };
    std::uint32_t prefix = 0;
    std::ptrdiff_t before = rank;
    std::ptrdiff_t equal = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        std::array<std::ptrdiff_t, 256> count{};
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            auto const b = bits(i);
            if (shift == 24 || (b >> (shift + 8)) == (prefix >> (shift + 8))) {
                ++count[(b >> shift) & 0xffU];
            }
        }
        std::uint32_t digit = 0;
        for (; before >= count[digit]; ++digit) {
            before -= count[digit];
        }
        prefix |= digit << shift;
        equal = count[digit];
    }
    auto const found = std::bit_cast<float>(prefix);
    if (before + 1 < equal) {
        return {found, found};
    }
    auto next = std::numeric_limits<float>::infinity();
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        auto const m = std::bit_cast<float>(bits(i));
        next = m > found ? std::min(next, m) : next;
    }
    return {found, next};
}

/// Thresholds the n elements from x on.
template <class Iterator>
void threshold(dynamic_threshold const& rule, Iterator x, std::ptrdiff_t n)
{
    if (n == 0) {
        return;
    }
    float const place = rule.quantile * static_cast<float>(n - 1);
    auto const rank = static_cast<std::ptrdiff_t>(place);
    float const part = place - static_cast<float>(rank);
    auto const [low, high] = magnitudes_at(x, n, rank);
    float const quantile = part > 0 ? low + part * (high - low) : low;
    float const s = std::min(std::max(quantile, 1.0F), rule.most);
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        auto const value = static_cast<float>(x[i]);
        x[i] = std::clamp(value, -s, s) / s;
    }
}

} // namespace detail

} // namespace haiga::sched
