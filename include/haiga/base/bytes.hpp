#pragma once

#include "haiga/base/check.hpp"

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace haiga {

inline auto as_bytes(std::string_view text) -> std::span<std::byte const>
{
    return std::as_bytes(std::span(text));
}

inline auto as_text(std::span<std::byte const> bytes) -> std::string_view
{
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

/// Whether length bytes can be read from offset on; no sum in it can overflow.
constexpr auto has_bytes(std::span<std::byte const> bytes, std::size_t offset, std::size_t length)
    -> bool
{
    return offset <= bytes.size() && length <= bytes.size() - offset;
}

/// The unsigned integer that starts at offset. Reading past the end is a caller's bug.
template <std::unsigned_integral T>
constexpr auto load(std::span<std::byte const> bytes, std::size_t offset, std::endian order) -> T
{
    HAIGA_CHECK(has_bytes(bytes, offset, sizeof(T)), "byte ", offset, " of ", bytes.size());
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        auto const at = order == std::endian::big ? i : sizeof(T) - 1 - i;
        value = (value << 8U) | std::to_integer<std::uint64_t>(bytes[offset + at]);
    }
    return static_cast<T>(value);
}

template <std::unsigned_integral T>
constexpr auto load_le(std::span<std::byte const> bytes, std::size_t offset = 0) -> T
{
    return load<T>(bytes, offset, std::endian::little);
}

template <std::unsigned_integral T>
constexpr auto load_be(std::span<std::byte const> bytes, std::size_t offset = 0) -> T
{
    return load<T>(bytes, offset, std::endian::big);
}

/// Writes value from offset on, lowest byte first. Writing past the end is a caller's bug.
template <std::unsigned_integral T>
constexpr void store_le(std::span<std::byte> bytes, std::size_t offset, T value)
{
    HAIGA_CHECK(has_bytes(bytes, offset, sizeof(T)), "byte ", offset, " of ", bytes.size());
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bytes[offset + i] = static_cast<std::byte>((std::uint64_t{value} >> (8 * i)) & 0xffU);
    }
}

} // namespace haiga
