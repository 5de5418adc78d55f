#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace haiga {

/// How many bytes the well-formed UTF-8 sequence at the start of text takes; 0 where there is none.
/// Source: The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing above
/// U+10FFFF.
constexpr auto utf8_sequence_length(std::string_view text) -> std::size_t
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) {
        return 0;
    }
    unsigned const lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    std::size_t const length = lead < 0xc2   ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || text.size() < length) {
        return 0;
    }
    unsigned const lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned const highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < lowest || byte(1) > highest) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    return length;
}

/// The offset of the first byte that is not part of well-formed UTF-8, if there is one.
constexpr auto find_invalid_utf8(std::string_view text) -> std::optional<std::size_t>
{
    for (std::size_t at = 0; at < text.size();) {
        auto const length = utf8_sequence_length(text.substr(at));
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return std::nullopt;
}

/// The character of a well-formed sequence.
constexpr auto utf8_character(std::string_view sequence) -> char32_t
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
    if (sequence.size() == 1) {
        return byte(0);
    }
    char32_t character = byte(0) & (0x7fU >> sequence.size());
    for (std::size_t i = 1; i < sequence.size(); ++i) {
        character = character << 6U | (byte(i) & 0x3fU);
    }
    return character;
}

/// Takes the first character away from text, which is not empty: U+FFFD for a byte that does not
/// begin a well-formed sequence.
constexpr auto take_utf8(std::string_view& text) -> char32_t
{
    auto const length = utf8_sequence_length(text);
    auto const character = length == 0 ? U'\ufffd' : utf8_character(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
    return character;
}

/// How many bytes of ASCII a text begins with.
constexpr auto ascii_length(std::string_view text) -> std::size_t
{
    std::size_t length = 0;
    while (length < text.size() && static_cast<unsigned char>(text[length]) < 0x80) {
        ++length;
    }
    return length;
}

/// Appends a character: at most U+10FFFF, and no surrogate.
constexpr void append_utf8(std::string& text, char32_t character)
{
    auto const add = [&](char32_t byte) { text += static_cast<char>(byte); };
    auto const add_rest = [&](unsigned shift) { add(0x80U | (character >> shift & 0x3fU)); };
    if (character < 0x80) {
        add(character);
    } else if (character < 0x800) {
        add(0xc0U | character >> 6U);
        add_rest(0);
    } else if (character < 0x10000) {
        add(0xe0U | character >> 12U);
        add_rest(6);
        add_rest(0);
    } else {
        add(0xf0U | character >> 18U);
        add_rest(12);
        add_rest(6);
        add_rest(0);
    }
}

} // namespace haiga
