#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace haiga::tokenizer::detail {

/// At most fifteen bytes and how many they are, to be compared and hashed as two words.
struct token_key {
    std::uint64_t low = 0, high = 0;

    friend auto operator==(token_key const&, token_key const&) -> bool = default;

    /// Multiply-shift: the highest bits are the good ones.
    [[nodiscard]] auto hash() const -> std::uint64_t
    {
        return low * 0x9e37'79b9'7f4a'7c15U + high * 0xc2b2'ae3d'27d4'eb4fU;
    }
};

inline constexpr std::size_t longest_key = 15;

/// Of a length: the bytes that belong to a key, and the byte behind them that says the length.
struct key_form {
    token_key mask, tag;
};

inline constexpr auto key_forms = [] {
    std::array<key_form, longest_key + 1> forms{};
    for (std::size_t length = 0; length <= longest_key; ++length) {
        std::array<std::uint8_t, 16> mask{}, tag{};
        for (std::size_t i = 0; i < length; ++i) {
            mask[i] = 0xff;
        }
        tag[15] = static_cast<std::uint8_t>(length);
        forms[length] = {std::bit_cast<token_key>(mask), std::bit_cast<token_key>(tag)};
    }
    return forms;
}();

/// The key of `length` bytes, at most longest_key. What lies between them and `end` may be read.
inline auto key_of(char const* at, std::size_t length, char const* end) -> token_key
{
    token_key key;
    if (end - at >= 16) [[likely]] {
        std::memcpy(&key, at, 16);
    } else {
        std::memcpy(&key, at, length);
    }
    auto const& [mask, tag] = key_forms[length];
    return {key.low & mask.low, (key.high & mask.high) | tag.high};
}

/// Of bytes of any number.
inline auto hash_of(char const* at, std::size_t length) -> std::uint64_t
{
    std::uint64_t hash = length;
    auto const mix = [&](std::uint64_t word) {
        hash = (hash ^ word) * 0x9e37'79b9'7f4a'7c15U;
        hash ^= hash >> 29U;
    };
    std::uint64_t word = 0;
    for (; length > 8; length -= 8, at += 8) {
        std::memcpy(&word, at, 8);
        mix(word);
    }
    word = 0;
    std::memcpy(&word, at, length);
    mix(word);
    return hash;
}

} // namespace haiga::tokenizer::detail
