#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/unicode_tables.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace haiga::tokenizer {

/// The lower case of a character where that is one character; the character where it has none.
constexpr auto to_lower(char32_t character) -> char32_t
{
    if (character < 0x80) {
        return character >= U'A' && character <= U'Z' ? character + 0x20 : character;
    }
    auto const* const run =
        std::upper_bound(std::begin(unicode::lower_runs), std::end(unicode::lower_runs), character,
                         [](char32_t c, unicode::lower_run const& r) { return c < r.first; });
    auto const& found = *(run - 1); // the first run is A to Z
    auto const inside = character <= found.last && (character - found.first) % found.stride == 0;
    return inside ? static_cast<char32_t>(static_cast<std::int32_t>(character) + found.difference)
                  : character;
}

/// Every character's lower case by itself: a sigma is never final.
/// Source: Unicode 16.0, 3.13.2; its SpecialCasing.txt makes two characters of U+0130.
inline void append_lower(std::string& text, char32_t character)
{
    append_utf8(text, character == U'\u0130' ? U'i' : to_lower(character));
    if (character == U'\u0130') {
        append_utf8(text, U'\u0307');
    }
}

inline auto lower_case(std::string_view text) -> std::string
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        auto const ascii = ascii_length(text);
        for (char const c : text.substr(0, ascii)) {
            out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
        }
        text.remove_prefix(ascii);
        if (!text.empty()) {
            append_lower(out, take_utf8(text));
        }
    }
    return out;
}

} // namespace haiga::tokenizer
