#include "haiga/device/cpu/math.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

namespace math = haiga::device::math;

/// The distance to what should be there, in units of the fp32 number's last place.
auto ulps(float got, double wanted) -> double
{
    auto const size = std::abs(static_cast<float>(wanted));
    auto const place = std::nextafter(size, std::numeric_limits<float>::infinity()) - size;
    return std::abs(static_cast<double>(got) - wanted) / static_cast<double>(place);
}

} // namespace

TEST_CASE("fp32 exp is within one unit in the last place")
{
    double worst = 0;
    for (int i = -87'000; i < 88'720; ++i) {
        auto const x = static_cast<float>(i) * 1e-3F;
        worst = std::max(worst, ulps(math::exp(x), std::exp(static_cast<double>(x))));
    }
    CHECK(worst <= 1.01); // 0.999695 was measured with fused multiply-adds
}

TEST_CASE("fp32 exp ends in 0 and infinity and keeps NaN")
{
    constexpr auto infinity = std::numeric_limits<float>::infinity();
    CHECK(math::exp(-infinity) == 0.0F);
    CHECK(math::exp(-200.0F) == 0.0F);
    CHECK(math::exp(0.0F) == 1.0F);
    CHECK(math::exp(89.0F) == infinity);
    CHECK(math::exp(infinity) == infinity);
    CHECK(std::isnan(math::exp(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("fp32 sigmoid is within three units in the last place")
{
    double worst = 0;
    for (int i = -80'000; i < 80'000; ++i) {
        auto const x = static_cast<float>(i) * 1e-3F;
        worst =
            std::max(worst, ulps(math::sigmoid(x), 1 / (1 + std::exp(-static_cast<double>(x)))));
    }
    CHECK(worst <= 3); // one of exp, half of the sum, half of the quotient; doubled at a power of 2
    CHECK(math::sigmoid(-200.0F) == 0.0F);
    CHECK(math::sigmoid(200.0F) == 1.0F);
}

TEST_CASE("the fp32 normal distribution keeps the digits of its left tail")
{
    double worst = 0;
    for (int i = -12'500; i < 12'500; ++i) {
        auto const x = static_cast<float>(i) * 1e-3F;
        auto const exact = math::normal_at(static_cast<double>(x));
        auto const got = math::normal_at(x);
        auto const square = 0.5 * static_cast<double>(x) * static_cast<double>(x);
        worst = std::max(worst, ulps(got.density, exact.density) / (5 + square));
        worst = std::max(worst, ulps(got.below, exact.below) / (5 + (x < 0 ? square : 0)));
    }
    CHECK(worst <= 1.1); // rounding x^2 / 2 moves its exponential by as many units
}

TEST_CASE("the normal distribution has its tabulated values")
{
    // NIST/SEMATECH e-Handbook of Statistical Methods, table of the cumulative standard normal
    CHECK(math::normal_at(0.0).below == 0.5);
    CHECK(math::normal_at(1.0).below == doctest::Approx(0.84134).epsilon(1e-5));
    CHECK(math::normal_at(1.96F).below == doctest::Approx(0.97500).epsilon(1e-5));
    CHECK(math::normal_at(0.0F).density == doctest::Approx(0.39894).epsilon(1e-5));
}

TEST_CASE("fp32 decay is within one unit in the last place, up to 87")
{
    double worst = 0;
    for (int i = 0; i < 87'000; ++i) {
        auto const x = static_cast<float>(i) * 1e-3F;
        worst = std::max(worst, ulps(math::decay(x), std::exp(-static_cast<double>(x))));
    }
    CHECK(worst <= 1.01); // as exp
    CHECK(math::decay(0.0F) == 1.0F);
    CHECK(math::decay(87.5F) == 0.0F);
    CHECK(math::decay(std::numeric_limits<float>::infinity()) == 0.0F);
    CHECK(std::isnan(math::decay(std::numeric_limits<float>::quiet_NaN())));
}
