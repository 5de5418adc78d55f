#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/category.hpp"
#include "haiga/tokenizer/clip_cleaning.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace haiga::tokenizer {

namespace detail {

enum class clip_class : std::uint8_t { space, letter, number, other };

constexpr auto clip_class_beyond_ascii(char32_t c) -> clip_class
{
    auto const kind = category_of(c);
    return is_white_space(c) ? clip_class::space
           : is_letter(kind) ? clip_class::letter
           : is_number(kind) ? clip_class::number
                             : clip_class::other;
}

inline constexpr auto clip_ascii = [] {
    std::array<clip_class, 128> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = clip_class_beyond_ascii(static_cast<char32_t>(c));
    }
    return table;
}();

struct clip_character {
    clip_class kind;
    std::size_t length; ///< in bytes
};

/// text is not empty.
constexpr auto clip_character_at(std::string_view text) -> clip_character
{
    auto const byte = static_cast<unsigned char>(text[0]);
    if (byte < 0x80) {
        return {clip_ascii[byte], 1};
    }
    auto const before = text.size();
    auto const kind = clip_class_beyond_ascii(take_utf8(text));
    return {kind, before - text.size()};
}

/// The bytes that characters of one class take at the start of text.
constexpr auto clip_run(std::string_view text, clip_class kind) -> std::size_t
{
    std::size_t end = 0;
    while (end < text.size()) {
        auto const next = clip_character_at(text.substr(end));
        if (next.kind != kind) {
            break;
        }
        end += next.length;
    }
    return end;
}

/// The length of 's, 't, 're, 've, 'm, 'll or 'd at the start of text; 0 where there is none. To
/// OpenAI's program, which ignores case, a long s is another s.
constexpr auto contraction_length(std::string_view text, clip_cleaning cleaning) -> std::size_t
{
    if (text[0] != '\'') {
        return 0;
    }
    for (std::string_view const ending : {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}) {
        if (text.starts_with(ending)) {
            return ending.size();
        }
    }
    constexpr std::string_view long_s = "'\u017f";
    if (cleaning == clip_cleaning::openai && text.starts_with(long_s)) {
        return long_s.size();
    }
    return 0;
}

} // namespace detail

/// The length of the piece at the start of text, which is not empty and has been cleaned; 0 at
/// white space. Pieces are contractions, runs of letters, single numbers, and runs of anything
/// else. Source: openai/CLIP, clip/simple_tokenizer.py, pat: what follows its special tokens.
constexpr auto clip_piece_length(std::string_view text, clip_cleaning cleaning) -> std::size_t
{
    if (auto const contraction = detail::contraction_length(text, cleaning); contraction != 0) {
        return contraction;
    }
    auto const first = detail::clip_character_at(text);
    switch (first.kind) {
    case detail::clip_class::space: return 0;
    case detail::clip_class::number: return first.length;
    default: return detail::clip_run(text, first.kind);
    }
}

constexpr auto white_space_length(std::string_view text) -> std::size_t
{
    return detail::clip_run(text, detail::clip_class::space);
}

} // namespace haiga::tokenizer
