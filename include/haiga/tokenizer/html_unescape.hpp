#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/html_names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haiga::tokenizer {

namespace detail {

/// The characters that HTML gives a name, its semicolon included where it has one.
inline auto find_html_name(std::string_view name) -> std::optional<std::string_view>
{
    static constexpr std::string_view all(html_names, sizeof html_names - 1);
    if (name.find('\0') != name.npos || name.find(' ') != name.npos) {
        return {};
    }
    std::size_t begin = 0, end = all.size();
    while (begin < end) {
        auto const middle = begin + (end - begin) / 2;
        auto const before = all.substr(begin, middle - begin).rfind('\0');
        auto const start = before == all.npos ? begin : begin + before + 1;
        auto const line = all.substr(start, all.find('\0', start) - start);
        auto const gap = line.find(' ');
        auto const order = line.substr(0, gap).compare(name);
        if (order == 0) {
            return line.substr(gap + 1);
        }
        (order < 0 ? begin : end) = order < 0 ? start + line.size() + 1 : start;
    }
    return {};
}

/// What Windows-1252 has at 0x80 to 0x9f; 0 for nothing.
constexpr auto windows_1252(char32_t c) -> char32_t
{
    constexpr char32_t table[] = {0x20ac, 0,      0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                  0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0,      0x17d,  0,
                                  0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                  0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0,      0x17e,  0x178};
    return c >= 0x80 && c < 0xa0 ? table[c - 0x80] : 0;
}

/// What a numeric reference becomes. Source: WHATWG HTML, 13.2.5.80, as Python's html module has
/// it.
inline void append_html_number(std::string& out, std::uint32_t number)
{
    if (number == 0 || (number >= 0xd800 && number <= 0xdfff) || number > 0x10ffff) {
        append_utf8(out, U'\ufffd');
    } else if (auto const western = windows_1252(number); western != 0) {
        append_utf8(out, western);
    } else if (number == 0x81 || number == 0x8d || number == 0x8f || number == 0x90 ||
               number == 0x9d) {
        append_utf8(out, number);
    } else if (bool const is_control = number < 0x9 || number == 0xb ||
                                       (number >= 0xe && number < 0x20) || number == 0x7f,
               is_none = (number >= 0xfdd0 && number <= 0xfdef) || (number & 0xfffeU) == 0xfffe;
               !is_control && !is_none) {
        append_utf8(out, number);
    }
}

constexpr auto digit_of(char c) -> unsigned
{
    return c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
           : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10
           : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A') + 10
                                  : 99;
}

/// "#39;" or "#x27;" at the start of text, the semicolon optional. Returns its length; 0: it is
/// none.
inline auto take_html_number(std::string_view text, std::string& out) -> std::size_t
{
    bool const hexadecimal = text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
    unsigned const base = hexadecimal ? 16 : 10;
    std::size_t const first = hexadecimal ? 2 : 1;
    auto at = first;
    std::uint32_t number = 0;
    for (; at < text.size() && digit_of(text[at]) < base; ++at) {
        number = std::min(number * base + digit_of(text[at]), 0x110000U);
    }
    if (at == first) {
        return 0;
    }
    append_html_number(out, number);
    return at + (at < text.size() && text[at] == ';' ? 1U : 0U);
}

/// A name at the start of text, or the longest that it begins with. Returns its length; 0: there is
/// none.
inline auto take_html_name(std::string_view text, std::string& out) -> std::size_t
{
    std::size_t length = 0;
    for (int characters = 0; characters < 32 && length < text.size() &&
                             std::string_view("\t\n\f <&#;").find(text[length]) == text.npos;
         ++characters) {
        length += std::max(utf8_sequence_length(text.substr(length)), std::size_t{1});
    }
    length += length > 0 && length < text.size() && text[length] == ';' ? 1U : 0U;
    for (auto size = length; size > 1; --size) {
        if (auto const found = find_html_name(text.substr(0, size))) {
            out += *found;
            return size;
        }
    }
    return 0;
}

} // namespace detail

/// Characters in the place of HTML's references to them, those without a semicolon as well.
/// Source: WHATWG HTML, 13.2.5.72 on; Python, html.unescape.
inline auto html_unescape(std::string_view text) -> std::string
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        auto const plain = std::min(text.find('&'), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        text.remove_prefix(1);
        auto const length = text.starts_with('#') ? detail::take_html_number(text, out)
                                                  : detail::take_html_name(text, out);
        out.append(length == 0 ? "&" : "");
        text.remove_prefix(length);
    }
    return out;
}

} // namespace haiga::tokenizer
