#pragma once

#include "haiga/tokenizer/category.hpp"
#include "haiga/tokenizer/pretokenize/property_tables.hpp"

namespace haiga::tokenizer {

/// \w of Unicode's regular expressions: letters and what else is alphabetic, marks, decimal digits,
/// what joins. Source: UTS #18, annex C.
constexpr auto is_word(char32_t c) -> bool
{
    if (c < 0x80) {
        return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z') ||
               c == U'_';
    }
    return (*detail::run_of<1>(unicode::word_runs, c) & 1U) != 0;
}

/// \p{P}
constexpr auto is_punctuation(category c) -> bool { return c >= category::Pc && c <= category::Po; }

/// \p{P}, and every character of ASCII that is neither letter, digit, space nor control.
constexpr auto is_punctuation(char32_t c) -> bool
{
    if (c < 0x80) {
        return c > 0x20 && c != 0x7f && (c == U'_' || !is_word(c));
    }
    return is_punctuation(category_of(c));
}

/// \p{N}
constexpr auto is_numeric(char32_t c) -> bool
{
    return c < 0x80 ? c >= U'0' && c <= U'9' : is_number(category_of(c));
}

/// The number of a character's script; 0 for none, and for a space. Kana count as Han.
/// Source: huggingface/tokenizers 0.23, src/pre_tokenizers/unicode_scripts.
constexpr auto script_number(char32_t c) -> unsigned
{
    constexpr unsigned han = 1, hiragana = 35, katakana = 36;
    if (c == U' ') {
        return 0;
    }
    auto const script = *detail::run_of<8>(unicode::script_runs, c) & 0xffU;
    return script == hiragana || script == katakana || c == U'\u30fc' ? han : script;
}

/// CJK ideographs as BERT knows them: those it puts spaces around.
/// Source: google-research/bert, tokenization.py; its blocks as huggingface/tokenizers has them.
constexpr auto is_ideograph(char32_t c) -> bool
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0x20000 && c <= 0x2a6df) || (c >= 0x2a700 && c <= 0x2b73f) ||
           (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}

} // namespace haiga::tokenizer
