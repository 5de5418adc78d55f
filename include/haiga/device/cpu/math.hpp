#pragma once

#include "haiga/base/config.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

/// Functions for hot loops: fp32 without branches, so that loops over them vectorise; f64 as the
/// standard library has it.
namespace haiga::device::math {

/// condition ? a : b, by masks: of the branches that GCC 12 makes of ?: in long expressions some
/// are never made into selections again, and then the loop around is not vectorised.
HAIGA_ALWAYS_INLINE auto select(bool condition, float a, float b) -> float
{
    auto const mask = 0U - static_cast<std::uint32_t>(condition);
    auto const chosen =
        (std::bit_cast<std::uint32_t>(a) & mask) | (std::bit_cast<std::uint32_t>(b) & ~mask);
    return std::bit_cast<float>(chosen);
}

namespace detail {

/// e^x = p 2^n with p near 1; n comes as 2^23 + 2^22 + n, whose lowest bits are those of n.
struct scaled {
    float p, n;
};
inline constexpr float to_integer = 0x1.8p23F;

/// Source: reduction by multiples of ln 2, then a polynomial fitted to the least relative error
/// (3e-9) on [-ln2/2, ln2/2].
HAIGA_ALWAYS_INLINE auto reduced_exp(float x) -> scaled
{
    float const shifted = x * std::numbers::log2e_v<float> + to_integer;
    float const n = shifted - to_integer;
    float const r = (x - n * 0x1.62e4p-1F) - n * 0x1.7f7d1cp-20F; // ln 2 in two parts
    float p = 0.0013814266F;
    p = p * r + 0.008368856F;
    p = p * r + 0.041668404F;
    p = p * r + 0.1666652F;
    p = p * r + 0.49999994F;
    return {(p * r) * r + r + 1.0F, shifted};
}

} // namespace detail

/// e^x. fp32: within 1 ulp where the result is normal; overflows to infinity, underflows to 0
/// gradually, keeps NaN.
HAIGA_ALWAYS_INLINE auto exp(float x) -> float
{
    x = select(x > 89.0F, 89.0F, x); // both ends lie beyond what fp32 can tell from inf and 0
    x = select(x < -104.0F, -104.0F, x);
    auto const [p, n] = detail::reduced_exp(x);
    // 2^n as two factors, because n reaches 128 and -150
    auto const power =
        std::bit_cast<std::int32_t>(n) - std::bit_cast<std::int32_t>(detail::to_integer);
    auto const half = power >> 1;
    auto const exponent = [](std::int32_t e) HAIGA_INLINE_LAMBDA {
        return std::bit_cast<float>(static_cast<std::uint32_t>(e + 127) << 23U);
    };
    return p * exponent(half) * exponent(power - half);
}

HAIGA_ALWAYS_INLINE auto exp(double x) -> double { return std::exp(x); }

/// e^-x for x >= 0. fp32: within 1 ulp up to 87 and 0 beyond, for two thirds of exp's work.
HAIGA_ALWAYS_INLINE auto decay(float x) -> float
{
    auto const [p, n] = detail::reduced_exp(-x);
    // n stands in the lowest bits: shifted into the exponent, nothing else of it is left
    auto const scaled = std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) +
                                             (std::bit_cast<std::uint32_t>(n) << 23U));
    return select(x > 87.0F, 0.0F, scaled);
}

HAIGA_ALWAYS_INLINE auto decay(double x) -> double { return std::exp(-x); }

/// 1 / (1 + e^-x).
HAIGA_ALWAYS_INLINE auto sigmoid(float x) -> float
{
    float const t = decay(std::fabs(x));
    return select(x < 0, t, 1.0F) / (1.0F + t);
}

HAIGA_ALWAYS_INLINE auto sigmoid(double x) -> double { return 1 / (1 + std::exp(-x)); }

/// The standard normal distribution at x.
template <class T>
struct normal {
    T density; ///< e^(-x^2/2) / sqrt(2 pi)
    T below;   ///< the probability of less than x: (1 + erf(x / sqrt 2)) / 2
};

/// fp32: the density and the smaller tail within x^2/2 + 3 ulp, so the left tail keeps its digits
/// where (1 + erf) / 2 has lost them.
/// Source: the smaller tail is the density times Mills' ratio, here a polynomial in
/// (x - 5/2) / (x + 5/2) as in Shepherd and Laframboise 1981, Math. Comp. 36, fitted to 2e-8.
HAIGA_ALWAYS_INLINE auto normal_at(float x) -> normal<float>
{
    float const u = std::fabs(x);
    float const bell = decay(u * u * 0.5F);
    float const t = 1.0F / (u + 2.5F);
    float const s = 1.0F - 5.0F * t;
    float p = -0.00015869210F;
    p = p * s - 0.00031329822F;
    p = p * s + 0.00068466036F;
    p = p * s + 0.0025253991F;
    p = p * s - 0.0016005816F;
    p = p * s - 0.016386581F;
    p = p * s + 0.0092357932F;
    p = p * s + 0.13198701F;
    p = p * s - 0.43369201F;
    p = p * s + 0.70665666F;
    float const tail = bell * (t * p);
    constexpr auto peak = std::numbers::inv_sqrtpi_v<float> / std::numbers::sqrt2_v<float>;
    return {bell * peak, select(x < 0, tail, 1.0F - tail)};
}

HAIGA_ALWAYS_INLINE auto normal_at(double x) -> normal<double>
{
    constexpr auto root = std::numbers::sqrt2;
    return {std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / root, 0.5 * std::erfc(-x / root)};
}

} // namespace haiga::device::math
