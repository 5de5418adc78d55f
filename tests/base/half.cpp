#include "haiga/base/half.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

using haiga::bf16;
using haiga::f16;

namespace {

/// What a 16-bit format with this many exponent and mantissa bits means, by IEEE 754's definition.
auto meaning(std::uint32_t bits, int exponent_bits, int mantissa_bits) -> double
{
    int const bias = (1 << (exponent_bits - 1)) - 1;
    double const sign = (bits >> 15U) != 0 ? -1.0 : 1.0;
    int const exponent = static_cast<int>(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
    int const mantissa = static_cast<int>(bits) & ((1 << mantissa_bits) - 1);
    if (exponent == (1 << exponent_bits) - 1) {
        return mantissa == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    }
    int const normal = exponent == 0 ? 0 : 1;
    return sign * std::ldexp(mantissa + (normal << mantissa_bits),
                             exponent + 1 - normal - bias - mantissa_bits);
}

/// Every one of the 65536 patterns has its defined value, and converts back to itself.
template <class Half>
void check_all_patterns(int exponent_bits, int mantissa_bits)
{
    int wrong = 0;
    for (std::uint32_t bits = 0; bits < 65536; ++bits) {
        auto const half = Half::from_bits(static_cast<std::uint16_t>(bits));
        auto const value = static_cast<float>(half);
        double const expected = meaning(bits, exponent_bits, mantissa_bits);
        if (std::isnan(expected)) {
            wrong += !std::isnan(value) || !std::isnan(static_cast<float>(Half(value)));
        } else {
            wrong += static_cast<double>(value) != expected || Half(value) != half;
            wrong += std::signbit(value) != std::signbit(expected);
        }
    }
    CHECK(wrong == 0);
}

/// Between each two neighbours: just below the middle goes down, just above up, the middle to even.
template <class Half>
void check_rounding(std::uint16_t largest_finite)
{
    int wrong = 0;
    for (std::uint16_t bits = 0; bits < largest_finite; ++bits) {
        auto const lower = Half::from_bits(bits);
        auto const upper = Half::from_bits(static_cast<std::uint16_t>(bits + 1));
        auto const middle = static_cast<float>(
            (static_cast<double>(static_cast<float>(lower)) + static_cast<float>(upper)) / 2);
        auto const even = bits % 2 == 0 ? lower : upper;
        wrong += Half(middle) != even;
        wrong += Half(std::nextafter(middle, 0.0F)) != lower;
        wrong += Half(std::nextafter(middle, std::numeric_limits<float>::infinity())) != upper;
        wrong += Half(-middle).bits() != (even.bits() | 0x8000U);
    }
    CHECK(wrong == 0);
}

} // namespace

TEST_CASE("every binary16 pattern means what IEEE 754 says") { check_all_patterns<f16>(5, 10); }
TEST_CASE("every bfloat16 pattern means what IEEE 754 says") { check_all_patterns<bf16>(8, 7); }

TEST_CASE("binary16 rounds to nearest even") { check_rounding<f16>(0x7bff); }
TEST_CASE("bfloat16 rounds to nearest even") { check_rounding<bf16>(0x7f7f); }

TEST_CASE("beyond the largest finite value lies infinity")
{
    // binary16: 65504 is the largest, 65520 the middle to the next power of two (IEEE 754, 4.3.1)
    CHECK(f16(65519.996F).bits() == 0x7bffU);
    CHECK(f16(65520.0F).bits() == 0x7c00U);
    CHECK(f16(-1e30F).bits() == 0xfc00U);
    CHECK(bf16(std::numeric_limits<float>::max()).bits() == 0x7f80U);
    CHECK(bf16(-std::numeric_limits<float>::infinity()).bits() == 0xff80U);
}

TEST_CASE("below half of the smallest subnormal lies a signed zero")
{
    CHECK(f16(0x1p-25F).bits() == 0U); // a tie, to even
    CHECK(f16(std::nextafter(0x1p-25F, 1.0F)).bits() == 1U);
    CHECK(f16(-0x1p-26F).bits() == 0x8000U);
    CHECK(f16(std::numeric_limits<float>::denorm_min()).bits() == 0U);
}

TEST_CASE("a NaN whose payload would be cut off stays a NaN")
{
    auto const nan = std::bit_cast<float>(0x7f80'0001U);
    CHECK(std::isnan(static_cast<float>(bf16(nan))));
    CHECK(std::isnan(static_cast<float>(f16(nan))));
}

static_assert(static_cast<float>(f16(1.5F)) == 1.5F);
static_assert(static_cast<float>(bf16(-2.0F)) == -2.0F);
static_assert(sizeof(f16) == 2 && sizeof(bf16) == 2);
