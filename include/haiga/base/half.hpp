#pragma once

#include <bit>
#include <cstdint>

namespace haiga {

/// bfloat16: the upper half of an IEEE 754 binary32. Storage only: convert, compute, convert back.
/// Rounding is to nearest even; NaN stays NaN.
class bf16 {
public:
    bf16() = default;

    constexpr explicit bf16(float value)
    {
        auto const word = std::bit_cast<std::uint32_t>(value);
        bool const nan = (word & 0x7fff'ffffU) > 0x7f80'0000U;
        bits_ = static_cast<std::uint16_t>(nan ? (word >> 16U) | 0x40U
                                               : (word + 0x7fffU + ((word >> 16U) & 1U)) >> 16U);
    }

    constexpr explicit operator float() const
    {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits_) << 16U);
    }

    constexpr explicit operator double() const { return static_cast<float>(*this); }

    [[nodiscard]] constexpr auto bits() const -> std::uint16_t { return bits_; }
    [[nodiscard]] static constexpr auto from_bits(std::uint16_t bits) -> bf16
    {
        bf16 value{};
        value.bits_ = bits;
        return value;
    }

    friend constexpr auto operator==(bf16, bf16) -> bool = default; ///< of the bits

private:
    std::uint16_t bits_;
};

/// IEEE 754 binary16. Storage only. Rounding is to nearest even; overflow gives infinity.
class f16 {
public:
    f16() = default;

    constexpr explicit f16(float value)
    {
        auto const word = std::bit_cast<std::uint32_t>(value);
        auto const sign = (word >> 16U) & 0x8000U;
        auto const magnitude = word & 0x7fff'ffffU;
        bits_ = static_cast<std::uint16_t>(sign | round(magnitude));
    }

    constexpr explicit operator float() const
    {
        std::uint32_t const sign = (bits_ & 0x8000U) << 16U;
        std::uint32_t const exponent = (bits_ >> 10U) & 0x1fU;
        std::uint32_t const mantissa = bits_ & 0x3ffU;
        if (exponent == 31) {
            return std::bit_cast<float>(sign | 0x7f80'0000U | (mantissa << 13U));
        }
        if (exponent == 0) { // zero or subnormal: mantissa * 2^-24, exactly
            float const value = static_cast<float>(mantissa) * 0x1p-24F;
            return sign != 0 ? -value : value;
        }
        return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (mantissa << 13U));
    }

    [[nodiscard]] constexpr auto bits() const -> std::uint16_t { return bits_; }
    [[nodiscard]] static constexpr auto from_bits(std::uint16_t bits) -> f16
    {
        f16 value{};
        value.bits_ = bits;
        return value;
    }

    friend constexpr auto operator==(f16, f16) -> bool = default; ///< of the bits

private:
    static constexpr auto round(std::uint32_t magnitude) -> std::uint32_t
    {
        if (magnitude > 0x7f80'0000U) {
            return 0x7e00U; // NaN
        }
        if (magnitude >= 0x477f'f000U) {
            return 0x7c00U; // 65520 and above round to infinity
        }
        if (magnitude < 0x3880'0000U) { // below 2^-14: a multiple of 2^-24, by float's own rounding
            float const scaled = std::bit_cast<float>(magnitude) + 0.5F;
            return std::bit_cast<std::uint32_t>(scaled) - std::bit_cast<std::uint32_t>(0.5F);
        }
        std::uint32_t const rebased = magnitude - (112U << 23U);
        return (rebased + 0xfffU + ((rebased >> 13U) & 1U)) >> 13U;
    }

    std::uint16_t bits_;
};

} // namespace haiga
