#pragma once

#include "haiga/base/config.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace haiga::detail {

// Written out, and not taken from <cmath>, so that normals do not change with the C library; in
// double precision, so that what a compiler makes of it (fused or not, vectors or not) disappears
// when the result is rounded to float.

/// ln(x) for normal x > 0, to about 1e-13 of its value.
/// Source: ln(x) = e ln 2 + 2 artanh(s), s = (m - 1) / (m + 1), x = m 2^e, m in [sqrt(1/2),
/// sqrt(2)).
HAIGA_ALWAYS_INLINE auto natural_log(double x) -> double
{
    constexpr std::uint64_t root_half = 0x3fe6'a09e'667f'3bcdULL; // bits of sqrt(1/2)
    auto const bits = std::bit_cast<std::uint64_t>(x);
    // the exponent that brings m into range, biased by 2^11 so that it is never negative
    std::uint64_t const shifted = bits - root_half + (std::uint64_t{2048} << 52U);
    auto const exponent = static_cast<std::int32_t>(shifted >> 52U) - 2048;
    double const m = std::bit_cast<double>((shifted & 0xf'ffff'ffff'ffffULL) + root_half);
    double const s = (m - 1) / (m + 1);
    double const z = s * s;
    double series = 1.0 / 17;
    series = series * z + 1.0 / 15;
    series = series * z + 1.0 / 13;
    series = series * z + 1.0 / 11;
    series = series * z + 1.0 / 9;
    series = series * z + 1.0 / 7;
    series = series * z + 1.0 / 5;
    series = series * z + 1.0 / 3;
    return exponent * std::numbers::ln2 + 2 * s * (1 + z * series);
}

struct sine_and_cosine {
    double sine;
    double cosine;
};

/// The sine and cosine of quarter * pi/2 + rest, for |rest| <= pi/4 and quarter in [0, 4].
HAIGA_ALWAYS_INLINE auto sincos_quarter(std::int32_t quarter, double rest) -> sine_and_cosine
{
    double const z = rest * rest;
    double s = 1.0 / 6227020800; // 1/13!
    s = s * z - 1.0 / 39916800;
    s = s * z + 1.0 / 362880;
    s = s * z - 1.0 / 5040;
    s = s * z + 1.0 / 120;
    s = s * z - 1.0 / 6;
    s = rest + rest * z * s;
    double c = 1.0 / 479001600; // 1/12!, the next term is below 4e-13
    c = c * z - 1.0 / 3628800;
    c = c * z + 1.0 / 40320;
    c = c * z - 1.0 / 720;
    c = c * z + 1.0 / 24;
    c = 1 - z * (0.5 - z * c);
    bool const swap = (quarter & 1) != 0;
    double const sine = swap ? c : s;
    double const cosine = swap ? s : c;
    return {(quarter & 2) != 0 ? -sine : sine, ((quarter + 1) & 2) != 0 ? -cosine : cosine};
}

} // namespace haiga::detail
