#include "haiga/base/box_muller.hpp"

#include <doctest/doctest.h>

#include <cmath>

// 1e-12: far below half a unit of float, 6e-8, which is what the results are rounded to.

TEST_CASE("natural_log is the logarithm over (0, 1]")
{
    CHECK(haiga::detail::natural_log(1) == 0);
    for (double x = 0x1p-53; x < 1; x *= 1.0009) {
        CHECK(haiga::detail::natural_log(x) == doctest::Approx(std::log(x)).epsilon(1e-12));
    }
    double const next_to_one = 1 - 0x1p-32; // cancellation would show here
    CHECK(std::abs(haiga::detail::natural_log(next_to_one) / std::log(next_to_one) - 1) < 1e-12);
}

TEST_CASE("sincos_quarter is sine and cosine over a whole turn")
{
    for (int i = 0; i <= 4000; ++i) {
        double const quarters = i / 1000.0;
        auto const quarter = static_cast<int>(quarters + 0.5);
        double const angle = quarters * std::numbers::pi / 2;
        auto const [s, c] =
            haiga::detail::sincos_quarter(quarter, angle - quarter * std::numbers::pi / 2);
        CHECK(std::abs(s - std::sin(angle)) < 2e-12);
        CHECK(std::abs(c - std::cos(angle)) < 2e-12);
    }
}
