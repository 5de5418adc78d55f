#pragma once

#include "haiga/base/cpu.hpp"
#include "haiga/base/result.hpp"
#include "haiga/tensor/dtype.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

namespace haiga {

/// Whether the elements of a type are real numbers, which convert_elements takes and gives.
constexpr auto is_floating(dtype type) -> bool { return type <= dtype::f8_e5m2; }

namespace detail {

/// The nearest float whose last bit tells whether something was lost: rounding it once more, to a
/// shorter type, gives what rounding the double at once would.
/// Source: S. Boldo and G. Melquiond, "Emulation of FMA and correctly rounded sums", IEEE
/// Transactions on Computers 57 (2008): rounding to odd.
inline auto to_odd_float(double value) -> float
{
    auto const near = static_cast<float>(value);
    if (std::isnan(value) || static_cast<double>(near) == value) {
        return near;
    }
    auto bits = std::bit_cast<std::uint32_t>(near);
    bits -= std::abs(static_cast<double>(near)) > std::abs(value) ? 1U : 0U; // towards zero
    return std::bit_cast<float>(bits | 1U);
}

/// Eight bits of which `mantissa` are behind the point. E4M3 has no infinity, and one NaN each way.
/// Source: "FP8 Formats for Deep Learning", arXiv:2209.05433.
inline auto from_f8(std::uint8_t bits, int mantissa) -> float
{
    int const exponent = (bits & 0x7f) >> mantissa;
    int const fraction = bits & ((1 << mantissa) - 1);
    int const bias = mantissa == 3 ? 7 : 15;
    auto const sign = (bits & 0x80) != 0 ? -1.0F : 1.0F;
    bool const top = mantissa == 3 ? (bits & 0x7f) == 0x7f : exponent == 31;
    if (top) {
        bool const infinite = mantissa == 2 && fraction == 0;
        return sign * (infinite ? std::numeric_limits<float>::infinity()
                                : std::numeric_limits<float>::quiet_NaN());
    }
    auto const significand = exponent == 0 ? fraction : fraction + (1 << mantissa);
    return sign *
           std::ldexp(static_cast<float>(significand), std::max(exponent, 1) - bias - mantissa);
}

inline auto f16_bits(std::uint32_t word) -> std::uint16_t
{
    auto const magnitude = word & 0x7fff'ffffU;
    // Every case is computed, so that the loop has no branch; half.hpp says what they are.
    auto const small = std::bit_cast<float>(std::min(magnitude, 0x3880'0000U)) + 0.5F;
    auto const subnormal = std::bit_cast<std::uint32_t>(small) - std::bit_cast<std::uint32_t>(0.5F);
    auto const rebased = magnitude - (112U << 23U);
    auto const normal = (rebased + 0xfffU + ((rebased >> 13U) & 1U)) >> 13U;
    auto const finite = magnitude < 0x3880'0000U ? subnormal : normal;
    auto const large = magnitude >= 0x477f'f000U ? 0x7c00U : finite;
    auto const all = magnitude > 0x7f80'0000U ? 0x7e00U : large;
    return static_cast<std::uint16_t>(all | ((word >> 16U) & 0x8000U));
}

inline auto bf16_bits(std::uint32_t word) -> std::uint16_t
{
    auto const rounded = (word + 0x7fffU + ((word >> 16U) & 1U)) >> 16U;
    return static_cast<std::uint16_t>((word & 0x7fff'ffffU) > 0x7f80'0000U ? (word >> 16U) | 0x40U
                                                                           : rounded);
}

/// Whether finite words are among them that a type of 16 bits rounds to infinity.
inline auto overflow_of(std::span<std::uint32_t const> words, std::uint32_t first_infinite) -> bool
{
    std::uint32_t over = 0;
    auto const* const in = words.data();
    auto const n = words.size();
    vectorised([&]() HAIGA_INLINE_LAMBDA {
        for (std::size_t i = 0; i < n; ++i) {
            auto const magnitude = in[i] & 0x7fff'ffffU;
            over |= static_cast<std::uint32_t>(magnitude >= first_infinite) &
                    static_cast<std::uint32_t>(magnitude < 0x7f80'0000U);
        }
    });
    return over != 0;
}

/// The bits of the float that an f16 is. Every case is computed, as in f16_bits; numbers below
/// 2^-14 come from a difference of floats above it, for arithmetic with floats that small is slow.
HAIGA_ALWAYS_INLINE auto f32_word(std::uint16_t half) -> std::uint32_t
{
    std::uint32_t const bits = half;
    auto const rebased = ((bits & 0x7fffU) << 13U) + (112U << 23U);
    auto const small =
        std::bit_cast<std::uint32_t>(std::bit_cast<float>(rebased + (1U << 23U)) - 0x1p-14F);
    auto const finite = (bits & 0x7c00U) == 0 ? small : rebased;
    auto const all = (bits & 0x7c00U) == 0x7c00U ? rebased + (112U << 23U) : finite;
    return all | ((bits & 0x8000U) << 16U);
}

/// Floats from any type; to_odd where they are rounded once more. As Word says, their bits or
/// themselves.
template <class Word>
void to_words(std::span<std::byte const> from, dtype type, std::span<Word> words, bool round_again)
{
    auto const* HAIGA_RESTRICT const in = from.data();
    auto* HAIGA_RESTRICT const out = words.data();
    auto const n = words.size();
    auto const each = [&]<class Bits>(Bits, auto const& convert) HAIGA_INLINE_LAMBDA {
        for (std::size_t i = 0; i < n; ++i) {
            Bits bits;
            std::memcpy(&bits, in + i * sizeof bits, sizeof bits);
            out[i] = std::bit_cast<Word>(convert(bits));
        }
    };
    auto const of_float = [](float value) { return std::bit_cast<std::uint32_t>(value); };
    switch (type) {
    case dtype::f64:
        if (round_again) {
            return each(double{}, [&](double v) { return of_float(to_odd_float(v)); });
        }
        return vectorised([&]() HAIGA_INLINE_LAMBDA {
            each(double{}, [&](double v) { return of_float(static_cast<float>(v)); });
        });
    case dtype::f32:
        if (n > 0) {
            std::memcpy(out, in, words.size_bytes());
        }
        return;
    case dtype::f16:
        return vectorised([&]() HAIGA_INLINE_LAMBDA {
            each(std::uint16_t{}, [](std::uint16_t b) { return f32_word(b); });
        });
    case dtype::bf16:
        return vectorised([&]() HAIGA_INLINE_LAMBDA {
            each(std::uint16_t{}, [](std::uint16_t b) { return std::uint32_t{b} << 16U; });
        });
    case dtype::f8_e4m3:
        return each(std::uint8_t{}, [&](auto b) { return of_float(from_f8(b, 3)); });
    default: return each(std::uint8_t{}, [&](auto b) { return of_float(from_f8(b, 2)); });
    }
}

} // namespace detail

/// Converts real numbers of any type to f32, f16 or bf16, to nearest even; NaN stays NaN. from and
/// to hold equally many elements, aligned to nothing. False where a finite number became infinite.
inline auto convert_elements(std::span<std::byte const> from, dtype from_type,
                             std::span<std::byte> to, dtype to_type) -> bool
{
    HAIGA_CHECK(is_floating(from_type) &&
                (to_type == dtype::f32 || to_type == dtype::f16 || to_type == dtype::bf16));
    constexpr std::size_t piece = 4096; // stays in the nearest cache
    std::uint32_t words[piece];
    std::uint16_t halves[piece];
    auto const count = from.size() / size_of(from_type);
    auto const narrow = to_type == dtype::f16;
    bool fits = true;
    HAIGA_CHECK(to.size() == count * size_of(to_type));
    for (std::size_t done = 0; done < count; done += piece) {
        auto const n = std::min(piece, count - done);
        auto const in = std::span(words).first(n);
        auto const source = from.subspan(done * size_of(from_type), n * size_of(from_type));
        detail::to_words(source, from_type, in, to_type != dtype::f32);
        if (to_type == dtype::f32) {
            std::memcpy(to.data() + done * sizeof(float), words, in.size_bytes());
            if (from_type == dtype::f64) {
                for (std::size_t i = 0; i < n; ++i) {
                    double exact = 0;
                    std::memcpy(&exact, source.data() + i * sizeof exact, sizeof exact);
                    fits =
                        fits && (std::isinf(exact) || !std::isinf(std::bit_cast<float>(words[i])));
                }
            }
            continue;
        }
        fits = fits && !detail::overflow_of(in, narrow ? 0x477f'f000U : 0x7f7f'8000U);
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            if (narrow) {
                for (std::size_t i = 0; i < n; ++i) {
                    halves[i] = detail::f16_bits(words[i]);
                }
            } else {
                for (std::size_t i = 0; i < n; ++i) {
                    halves[i] = detail::bf16_bits(words[i]);
                }
            }
        });
        std::memcpy(to.data() + done * sizeof(std::uint16_t), halves, n * sizeof(std::uint16_t));
    }
    return fits;
}

} // namespace haiga
