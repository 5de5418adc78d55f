#pragma once

#include "haiga/base/half.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace haiga {

/// The element types that occur in checkpoints; arithmetic is done on f64, f32, f16 and bf16 alone.
enum class dtype : std::uint8_t {
    f64,
    f32,
    f16,
    bf16,
    f8_e4m3,
    f8_e5m2,
    i64,
    i32,
    i16,
    i8,
    u8,
    boolean
};

constexpr auto size_of(dtype type) -> std::size_t
{
    switch (type) {
    case dtype::f64:
    case dtype::i64: return 8;
    case dtype::f32:
    case dtype::i32: return 4;
    case dtype::f16:
    case dtype::bf16:
    case dtype::i16: return 2;
    default: return 1;
    }
}

/// The names of the safetensors format.
constexpr auto to_string(dtype type) -> std::string_view
{
    constexpr std::string_view names[] = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2",
                                          "I64", "I32", "I16", "I8",   "U8",      "BOOL"};
    return names[static_cast<std::size_t>(type)];
}

constexpr auto dtype_from_string(std::string_view name) -> std::optional<dtype>
{
    for (auto i = 0; i <= static_cast<int>(dtype::boolean); ++i) {
        if (to_string(static_cast<dtype>(i)) == name) {
            return static_cast<dtype>(i);
        }
    }
    return std::nullopt;
}

template <class T>
inline constexpr dtype dtype_of = T::no_dtype_for_this_type;
template <>
inline constexpr dtype dtype_of<double> = dtype::f64;
template <>
inline constexpr dtype dtype_of<float> = dtype::f32;
template <>
inline constexpr dtype dtype_of<f16> = dtype::f16;
template <>
inline constexpr dtype dtype_of<bf16> = dtype::bf16;
template <>
inline constexpr dtype dtype_of<std::int64_t> = dtype::i64;
template <>
inline constexpr dtype dtype_of<std::int32_t> = dtype::i32;
template <>
inline constexpr dtype dtype_of<std::int16_t> = dtype::i16;
template <>
inline constexpr dtype dtype_of<std::int8_t> = dtype::i8;
template <>
inline constexpr dtype dtype_of<std::uint8_t> = dtype::u8;
template <>
inline constexpr dtype dtype_of<bool> = dtype::boolean;

} // namespace haiga
