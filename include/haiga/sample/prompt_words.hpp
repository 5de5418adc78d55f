#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/category.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace haiga::sample::detail {

/// Whether a character is part of a word, as \w in regex engines that know Unicode.
inline auto is_word_character(char32_t c) -> bool
{
    auto const kind = tokenizer::category_of(c);
    return c == U'_' || tokenizer::is_letter(kind) || tokenizer::is_number(kind);
}

/// Whether text ends in a character of a word.
inline auto ends_in_word(std::string_view text) -> bool
{
    auto begin = text.size();
    while (begin > 0 && text.size() - begin < 4 &&
           (begin == text.size() || (static_cast<unsigned char>(text[begin]) & 0xc0U) == 0x80)) {
        --begin;
    }
    auto last = text.substr(begin);
    return !last.empty() && is_word_character(take_utf8(last));
}

inline auto begins_in_word(std::string_view text) -> bool
{
    return !text.empty() && is_word_character(take_utf8(text));
}

/// Where a word stands by itself in text, from an offset on; npos where it does not.
inline auto find_word(std::string_view text, std::string_view word, std::size_t from) -> std::size_t
{
    for (auto at = text.find(word, from); at != text.npos; at = text.find(word, at + 1)) {
        if (!ends_in_word(text.substr(0, at)) && !begins_in_word(text.substr(at + word.size()))) {
            return at;
        }
    }
    return text.npos;
}

constexpr std::string_view white_space = " \t\r\n\f\v";

inline auto without_space_behind(std::string_view text) -> std::string_view
{
    return text.substr(0, text.find_last_not_of(white_space) + 1);
}

inline auto without_space_before(std::string_view text) -> std::string_view
{
    return text.substr(std::min(text.find_first_not_of(white_space), text.size()));
}

} // namespace haiga::sample::detail
