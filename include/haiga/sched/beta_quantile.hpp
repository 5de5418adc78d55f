#pragma once

#include "haiga/base/check.hpp"

#include <cmath>

namespace haiga::sched {

namespace detail {

/// The regularized incomplete beta function I_x(a, a) for x in (0, 1/2], by its continued fraction.
/// Source: DLMF, https://dlmf.nist.gov/8.17.E22, evaluated from the front by Lentz's method.
inline auto incomplete_beta(double a, double x) -> double
{
    constexpr double tiny = 1e-300;
    double const front = std::pow(x, a) * std::pow(1 - x, a) /
                         (a * std::tgamma(a) * std::tgamma(a) / std::tgamma(2 * a));
    double c = 1;
    double d = 1 / (1 - 2 * a * x / (a + 1));
    double fraction = d;
    for (int m = 1; m < 300; ++m) {
        double const even = m * (a - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double const odd = -(a + m) * (2 * a + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double change = 1;
        for (double const term : {even, odd}) {
            d = 1 / (std::abs(1 + term * d) < tiny ? tiny : 1 + term * d);
            c = std::abs(1 + term / c) < tiny ? tiny : 1 + term / c;
            change = c * d;
            fraction *= change;
        }
        if (std::abs(change - 1) < 1e-16) {
            break;
        }
    }
    return front * fraction;
}

} // namespace detail

/// x in [0, 1] below which a share p of the symmetric beta distribution lies.
/// Errors: p outside [0, 1] is a caller's bug. Cost: some fifty evaluations.
inline auto beta_quantile(double p, double a) -> double
{
    HAIGA_CHECK(p >= 0 && p <= 1 && a > 0, "share ", p, " of beta(", a, ", ", a, ')');
    if (p > 0.5) {
        return 1 - beta_quantile(1 - p, a);
    }
    if (p == 0) {
        return 0;
    }
    double low = 0;
    double high = 0.5;
    for (int i = 0; i < 200 && low < high; ++i) {
        double const middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) {
            break;
        }
        (detail::incomplete_beta(a, middle) < p ? low : high) = middle;
    }
    return low + (high - low) / 2;
}

} // namespace haiga::sched
