#pragma once

#include "haiga/checkpoint/stored_tensor.hpp"

#include <type_traits>

namespace haiga_test {

/// The elements of a tensor in C order. For types whose values a double holds.
inline auto values_of(haiga::checkpoint::stored_tensor const& tensor) -> std::vector<double>
{
    using haiga::dtype;
    std::vector<double> values;
    auto const add = [&]<class T>(std::span<std::byte const> piece, std::type_identity<T>) {
        for (; piece.size() >= sizeof(T); piece = piece.subspan(sizeof(T))) {
            T x{};
            std::memcpy(&x, piece.data(), sizeof x);
            if constexpr (std::is_arithmetic_v<T>) {
                values.push_back(static_cast<double>(x));
            } else {
                values.push_back(double{static_cast<float>(x)});
            }
        }
    };
    auto const read = [&](std::span<std::byte const> piece) -> haiga::result<> {
        switch (tensor.type) {
        case dtype::f64: add(piece, std::type_identity<double>{}); break;
        case dtype::f32: add(piece, std::type_identity<float>{}); break;
        case dtype::f16: add(piece, std::type_identity<haiga::f16>{}); break;
        case dtype::bf16: add(piece, std::type_identity<haiga::bf16>{}); break;
        case dtype::i64: add(piece, std::type_identity<std::int64_t>{}); break;
        case dtype::i32: add(piece, std::type_identity<std::int32_t>{}); break;
        case dtype::i16: add(piece, std::type_identity<std::int16_t>{}); break;
        case dtype::i8: add(piece, std::type_identity<std::int8_t>{}); break;
        case dtype::u8:
        case dtype::boolean: add(piece, std::type_identity<std::uint8_t>{}); break;
        default: break;
        }
        return {};
    };
    static_cast<void>(haiga::checkpoint::for_each_piece(tensor, read));
    return values;
}

} // namespace haiga_test
