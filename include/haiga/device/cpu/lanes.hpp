#pragma once

#include "haiga/base/config.hpp"

#include <cstdint>

namespace haiga::device {

/// The sum of f(i) for i in [0, n), in an order that vectorises: 32 running totals, then a tree.
/// To be called inside vectorised().
template <class C, class F>
HAIGA_ALWAYS_INLINE auto sum_lanes(std::int64_t n, F const& f) -> C
{
    constexpr std::int64_t lanes = 32;
    C lane[lanes] = {};
    std::int64_t i = 0;
    for (; i + lanes <= n; i += lanes) {
        for (std::int64_t l = 0; l < lanes; ++l) {
            lane[l] += f(i + l);
        }
    }
    for (std::int64_t l = 0; i < n; ++i, ++l) {
        lane[l] += f(i);
    }
    for (auto half = lanes / 2; half > 0; half /= 2) {
        for (std::int64_t l = 0; l < half; ++l) {
            lane[l] += lane[l + half];
        }
    }
    return lane[0];
}

} // namespace haiga::device
