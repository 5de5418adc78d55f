#pragma once

#include "haiga/base/utf8.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

namespace detail {

/// Whether a byte is a printable character of Latin-1, which stands for itself.
constexpr auto is_printable_byte(unsigned byte) -> bool
{
    return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte != 0xad);
}

} // namespace detail

/// The characters that stand for bytes in a byte-level vocabulary: printable ones for themselves,
/// the others from U+0100 on. Source: openai/gpt-2, src/encoder.py, bytes_to_unicode.
constexpr auto byte_characters() -> std::array<char32_t, 256>
{
    std::array<char32_t, 256> characters{};
    char32_t next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
        characters[byte] = detail::is_printable_byte(byte) ? byte : next++;
    }
    return characters;
}

/// Bytes as the characters that stand for them, in UTF-8.
inline auto byte_level(std::string_view bytes) -> std::string
{
    static constexpr auto characters = byte_characters();
    std::string text;
    for (char const byte : bytes) {
        append_utf8(text, characters[static_cast<unsigned char>(byte)]);
    }
    return text;
}

/// The bytes that characters stand for; a character that stands for none is left as it is.
inline auto bytes_of(std::string_view text) -> std::string
{
    static constexpr auto characters = byte_characters();
    static auto const bytes = [] {
        std::array<int, 0x144> table{};
        table.fill(-1);
        for (int byte = 0; byte < 256; ++byte) {
            table[characters[static_cast<std::size_t>(byte)]] = byte;
        }
        return table;
    }();
    std::string out;
    while (!text.empty()) {
        auto const character = take_utf8(text);
        auto const byte = character < bytes.size() ? bytes[character] : -1;
        if (byte >= 0) {
            out += static_cast<char>(byte);
        } else {
            append_utf8(out, character);
        }
    }
    return out;
}

} // namespace haiga::tokenizer
