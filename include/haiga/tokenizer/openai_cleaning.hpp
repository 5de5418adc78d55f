#pragma once

#include "haiga/tokenizer/category.hpp"
#include "haiga/tokenizer/html_unescape.hpp"
#include "haiga/tokenizer/lower_case.hpp"
#include "haiga/tokenizer/nfc.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace haiga::tokenizer {

namespace detail {

/// Latin ligatures and digraphs as their letters. Source: ftfy 6.3, fix_latin_ligatures.
constexpr auto letters_of(char32_t c) -> std::string_view
{
    switch (c) {
    case 0x132: return "IJ";
    case 0x133: return "ij";
    case 0x149: return "'n";
    case 0x1c4: return "D\u017d";
    case 0x1c5: return "D\u017e";
    case 0x1c6: return "d\u017e";
    case 0x1c7: return "LJ";
    case 0x1c8: return "Lj";
    case 0x1c9: return "lj";
    case 0x1ca: return "NJ";
    case 0x1cb: return "Nj";
    case 0x1cc: return "nj";
    case 0x1f1: return "DZ";
    case 0x1f2: return "Dz";
    case 0x1f3: return "dz";
    case 0xfb00: return "ff";
    case 0xfb01: return "fi";
    case 0xfb02: return "fl";
    case 0xfb03: return "ffi";
    case 0xfb04: return "ffl";
    case 0xfb05: return "\u017ft";
    case 0xfb06: return "st";
    default: return {};
    }
}

/// Full-width and half-width forms as the ordinary ones. Source: ftfy 6.3, fix_character_width.
constexpr auto ordinary_width(char32_t c) -> char32_t
{
    auto const in_table = c >= 0xff01 && c - 0xff01 < std::size(unicode::wide_forms);
    auto const ordinary = in_table ? unicode::wide_forms[c - 0xff01] : 0;
    return ordinary != 0 ? ordinary : c;
}

/// Source: ftfy 6.3, uncurl_quotes.
constexpr auto straight_quote(char32_t c) -> char32_t
{
    return c == 0x2bc || (c >= 0x2018 && c <= 0x201b) ? U'\''
           : c >= 0x201c && c <= 0x201f               ? U'"'
                                                      : c;
}

/// Source: ftfy 6.3, remove_control_chars.
constexpr auto is_useless_control(char32_t c) -> bool
{
    return c < 0x9 || c == 0xb || (c >= 0xe && c < 0x20) || c == 0x7f ||
           (c >= 0x206a && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffc);
}

/// The length of a terminal's escape sequence, "\033[31m", at the start of text; 0 where there is
/// none.
constexpr auto terminal_escape_length(std::string_view text) -> std::size_t
{
    if (!text.starts_with("\033[")) {
        return 0;
    }
    auto const end = std::min(text.find_first_not_of("0123456789;", 2), text.size());
    auto const letter = end < text.size() ? static_cast<char>(text[end] | 0x20) : ' ';
    return letter >= 'a' && letter <= 'z' ? end + 1 : 0;
}

inline auto fix_characters(std::string_view text) -> std::string
{
    std::string out;
    while (!text.empty()) {
        if (auto const escape = terminal_escape_length(text); escape != 0) {
            text.remove_prefix(escape);
            continue;
        }
        auto c = take_utf8(text);
        auto const western = windows_1252(c);
        c = ordinary_width(western != 0 ? western : c);
        if (auto const letters = letters_of(c); !letters.empty()) {
            out.append(letters);
        } else if (!is_useless_control(c)) {
            append_utf8(out, straight_quote(c));
        }
    }
    return out;
}

/// References that end in a semicolon; where no such name is known in capitals, that of its small
/// letters, which the text will become. Source: ftfy 6.3, unescape_html.
inline auto unescape_whole_references(std::string_view text) -> std::string
{
    std::string out;
    while (!text.empty()) {
        auto const plain = std::min(text.find('&'), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        auto const end = text.substr(0, 28).find(';');
        if (end == text.npos) {
            out.append(text.substr(0, 1));
            text.remove_prefix(std::min<std::size_t>(1, text.size()));
            continue;
        }
        auto const whole = text.substr(0, end + 1);
        auto const name = whole.substr(1);
        auto const value = name.starts_with('#') ? std::nullopt : find_html_name(name);
        auto unescaped = value ? std::string(*value) : std::string();
        if (!value && name.starts_with('#') && take_html_number(name, unescaped) != name.size()) {
            unescaped.clear();
        }
        bool const capitals =
            std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
        if (unescaped.empty() && capitals && html_unescape(whole) == whole) {
            unescaped = find_html_name(lower_case(name)).value_or("");
        }
        bool const known = !unescaped.empty();
        out.append(known ? std::string_view(unescaped) : "&");
        text.remove_prefix(known ? end + 1 : 1);
    }
    return out;
}

/// Until nothing changes, but not for ever: "&amp;amp;amp;..." loses one "amp;" each time.
inline auto fix_line(std::string_view line, bool unescapes) -> std::string
{
    constexpr int most_passes = 8;
    std::string text(line);
    for (int pass = 0; pass < most_passes; ++pass) {
        auto fixed = nfc(fix_characters(unescapes ? unescape_whole_references(text) : text));
        if (fixed == text) {
            break;
        }
        text = std::move(fixed);
    }
    return text;
}

/// Approximately Unicode's Case_Ignorable: what a word may have between letters or behind them.
inline auto is_case_ignorable(char32_t c) -> bool
{
    constexpr std::u32string_view inside = U"'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027"
                                           U"\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";
    auto const kind = category_of(c);
    return kind == category::Mn || kind == category::Me || kind == category::Cf ||
           kind == category::Lm || kind == category::Sk || inside.find(c) != inside.npos;
}

inline auto is_cased(char32_t c) -> bool
{
    auto const kind = category_of(c);
    return kind == category::Lu || kind == category::Ll || kind == category::Lt;
}

} // namespace detail

/// Lower case with Greek's final sigma. Source: Unicode 16.0, table 3-17, Final_Sigma.
inline auto lower_case_of_words(std::string_view text) -> std::string
{
    std::string out;
    bool in_word = false; // the last character that is not ignorable is cased
    while (!text.empty()) {
        auto const c = take_utf8(text);
        if (c == U'\u03a3') {
            auto rest = text;
            auto next = U' ';
            do {
                next = rest.empty() ? U' ' : take_utf8(rest);
            } while (detail::is_case_ignorable(next));
            append_utf8(out, in_word && !detail::is_cased(next) ? U'\u03c2' : U'\u03c3');
        } else {
            append_lower(out, c);
        }
        in_word = detail::is_case_ignorable(c) ? in_word : detail::is_cased(c);
    }
    return out;
}

/// What OpenAI's program does before it cuts a text: ftfy's repairs but for the one of text that
/// was decoded wrongly ("schÃ¶n"), HTML's references twice over, lower case. (That it also makes
/// one space of white space shows in no token.) Source: openai/CLIP, clip/simple_tokenizer.py,
/// basic_clean and whitespace_clean; ftfy 6.3, fix_text.
inline auto openai_cleaned(std::string_view text) -> std::string
{
    std::string fixed;
    bool unescapes = true;
    while (!text.empty()) {
        auto const line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
        unescapes = unescapes && line.find('<') == line.npos;
        fixed += detail::fix_line(line, unescapes);
        text.remove_prefix(line.size());
    }
    return lower_case_of_words(html_unescape(html_unescape(fixed)));
}

} // namespace haiga::tokenizer
