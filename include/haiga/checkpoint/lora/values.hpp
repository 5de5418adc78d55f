#pragma once

#include "haiga/base/half.hpp"
#include "haiga/checkpoint/stored_tensor.hpp"

#include <cmath>
#include <type_traits>

namespace haiga::checkpoint {

namespace detail {

/// Calls use(std::type_identity<T>) for the arithmetic type of a tensor's elements.
/// Errors: unsupported for a type that nothing is computed on.
template <class Use>
auto with_float_type(stored_tensor const& tensor, Use const& use) -> result<>
{
    switch (tensor.type) {
    case dtype::f64: use(std::type_identity<double>{}); return {};
    case dtype::f32: use(std::type_identity<float>{}); return {};
    case dtype::f16: use(std::type_identity<f16>{}); return {};
    case dtype::bf16: use(std::type_identity<bf16>{}); return {};
    default:
        return fail(errc::unsupported, '"', tensor.name,
                    "\": expected F64, F32, F16 or BF16, found ", to_string(tensor.type));
    }
}

template <class T>
auto load_value(std::byte const* at) -> T
{
    T value{};
    std::memcpy(&value, at, sizeof value);
    return value;
}

} // namespace detail

/// All elements of a tensor in C order, rounded to f32. Its elements must be no more than its
/// bytes. Errors: unsupported for other types than F64, F32, F16 and BF16.
inline auto read_floats(stored_tensor const& tensor) -> result<std::vector<float>>
{
    std::vector<float> values;
    auto const read = [&]<class T>(std::type_identity<T>) {
        values.reserve(static_cast<std::size_t>(tensor.dims.elements()));
        static_cast<void>(for_each_piece(tensor, [&](std::span<std::byte const> piece) {
            for (std::size_t at = 0; at < piece.size(); at += sizeof(T)) {
                values.push_back(static_cast<float>(detail::load_value<T>(piece.data() + at)));
            }
            return result<>();
        }));
    };
    HAIGA_TRY_VOID(detail::with_float_type(tensor, read));
    return values;
}

/// The one element of a tensor, of any type but f8 and bool.
/// Errors: mismatch where it has none or several; unsupported; invalid for what is not finite.
inline auto read_number(stored_tensor const& tensor) -> result<double>
{
    if (tensor.dims.checked_elements() != 1) {
        return fail(errc::mismatch, '"', tensor.name, "\": expected one element, found ",
                    tensor.dims);
    }
    double number = 0;
    auto const read = [&]<class T>(std::type_identity<T>) {
        auto const value = detail::load_value<T>(tensor.bytes.data());
        if constexpr (std::is_arithmetic_v<T>) {
            number = static_cast<double>(value);
        } else {
            number = double{static_cast<float>(value)};
        }
    };
    switch (tensor.type) {
    case dtype::i64: read(std::type_identity<std::int64_t>{}); break;
    case dtype::i32: read(std::type_identity<std::int32_t>{}); break;
    case dtype::i16: read(std::type_identity<std::int16_t>{}); break;
    case dtype::i8: read(std::type_identity<std::int8_t>{}); break;
    case dtype::u8: read(std::type_identity<std::uint8_t>{}); break;
    default: HAIGA_TRY_VOID(detail::with_float_type(tensor, read));
    }
    if (!std::isfinite(number)) {
        return fail(errc::invalid, '"', tensor.name, "\" is not finite");
    }
    return number;
}

} // namespace haiga::checkpoint
