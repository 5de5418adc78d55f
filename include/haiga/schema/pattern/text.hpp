#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/schema/pattern/character_classes.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace haiga::schema::regex {

/// A character and how many bytes it takes; a byte that is no UTF-8 is U+FFFD.
struct character_at {
    char32_t character;
    std::size_t bytes;
};

/// at is before the end.
inline auto character_after(std::string_view text, std::size_t at) -> character_at
{
    auto const byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
        return {byte, 1};
    }
    auto rest = text.substr(at);
    auto const before = rest.size();
    auto const character = take_utf8(rest);
    return {character, before - rest.size()};
}

/// at is behind the beginning. The places between characters are the same from either side: no
/// byte within a well-formed sequence can begin another.
inline auto character_before(std::string_view text, std::size_t at) -> character_at
{
    for (std::size_t bytes = 1; bytes <= std::min<std::size_t>(at, 4); ++bytes) {
        auto const sequence = text.substr(at - bytes, bytes);
        if (utf8_sequence_length(sequence) == bytes) {
            return {utf8_character(sequence), bytes};
        }
    }
    return {U'\ufffd', 1};
}

inline auto is_word_boundary(std::string_view text, std::size_t at) -> bool
{
    bool const before = at > 0 && is_word_byte(text[at - 1]);
    bool const after = at < text.size() && is_word_byte(text[at]);
    return before != after;
}

} // namespace haiga::schema::regex
