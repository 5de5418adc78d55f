#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace haiga::sched::detail {

/// Integrals of e^((1 + tau^2) lambda) lambda^power (data) and e^-lambda lambda^power (noise) from
/// a to b, by parts; float32 in Diffusers' order, where they are differences of nearly equal
/// numbers.
inline auto exponential_integral(int power, float a, float b, float tau) -> float
{
    float const w = 1 + tau * tau;
    float const x = w * a;
    float const y = w * b;
    float const fall = std::exp(-(y - x));
    switch (power) {
    case 0: return std::exp(y) * (1 - fall) / w;
    case 1: return std::exp(y) * (y - 1 - (x - 1) * fall) / (w * w);
    case 2: return std::exp(y) * (y * y - 2 * y + 2 - (x * x - 2 * x + 2) * fall) / (w * w * w);
    default:
        return std::exp(y) *
               (y * y * y - 3 * (y * y) + 6 * y - 6 -
                (x * x * x - 3 * (x * x) + 6 * x - 6) * fall) /
               (w * w * w * w);
    }
}

inline auto exponential_integral(int power, float a, float b) -> float
{
    float const rise = std::exp(b - a);
    switch (power) {
    case 0: return std::exp(-b) * (rise - 1);
    case 1: return std::exp(-b) * ((a + 1) * rise - (b + 1));
    case 2: return std::exp(-b) * ((a * a + 2 * a + 2) * rise - (b * b + 2 * b + 2));
    default:
        return std::exp(-b) * ((a * a * a + 3 * (a * a) + 6 * a + 6) * rise -
                               (b * b * b + 3 * (b * b) + 6 * b + 6));
    }
}

/// The coefficients, highest power first, of the polynomial that is 1 at nodes[which] and 0 at the
/// other nodes, of which there are up to three.
inline auto lagrange_coefficients(std::span<float const> nodes, std::size_t which)
    -> std::array<float, 4>
{
    std::array<float, 3> x{};
    std::size_t n = 0;
    float below = 1;
    for (std::size_t k = 0; k < nodes.size(); ++k) {
        if (k != which) {
            x[n++] = nodes[k];
            below *= nodes[which] - nodes[k];
        }
    }
    switch (n) {
    case 0: return {1};
    case 1: return {1 / below, -x[0] / below};
    case 2: return {1 / below, (-x[0] - x[1]) / below, x[0] * x[1] / below};
    default:
        return {1 / below, (-x[0] - x[1] - x[2]) / below,
                (x[0] * x[1] + x[0] * x[2] + x[1] * x[2]) / below, -x[0] * x[1] * x[2] / below};
    }
}

} // namespace haiga::sched::detail
