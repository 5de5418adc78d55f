#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/schema/formats/ascii.hpp"
#include "haiga/schema/formats/idna.hpp"
#include "haiga/schema/formats/punycode.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace haiga::schema::formats {

/// Letters, digits and hyphens inside. Source: RFC 1123, 2.1; RFC 1035, 2.3.4.
constexpr auto is_host_label(std::string_view label) -> bool
{
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           count_while(label, [](char c) { return is_letter_or_digit(c) || c == '-'; }) ==
               label.size();
}

namespace detail {

/// What the labels of a name say together.
struct host_labels {
    std::size_t length = 0; ///< of the name as it goes over the wire, without the last dot
    bool has_right_to_left = false;
    bool all_obey = true;

    constexpr void add(idna::label characters, std::size_t bytes)
    {
        length += bytes + (length > 0 ? 1 : 0);
        has_right_to_left = has_right_to_left || idna::has_right_to_left(characters);
        all_obey = all_obey && idna::obeys_bidi_rule(characters);
    }
    [[nodiscard]] constexpr auto are_valid() const -> bool
    {
        return length <= 253 && (all_obey || !has_right_to_left);
    }
};

constexpr auto is_a_label(std::string_view label) -> bool
{
    return label.size() >= 4 && to_lower(label[0]) == 'x' && to_lower(label[1]) == 'n' &&
           label[2] == '-' && label[3] == '-';
}

/// Source: RFC 5891, 5.4 and 5.5.
constexpr auto decode_a_label(std::string_view label, label_characters& out) -> bool
{
    auto const text = label.substr(4);
    if (!punycode::decode(text, out) || !idna::is_valid_label(out.view()) ||
        !idna::is_normalized(out.view()) ||
        std::ranges::all_of(out.view(), [](char32_t c) { return c < 128; })) {
        return false;
    }
    punycode::encoded again;
    return punycode::encode(out.view(), again) && again.size == text.size() &&
           std::equal(text.begin(), text.end(), again.text.begin(),
                      [](char a, char b) { return to_lower(a) == b; });
}

/// A label of ASCII. Its characters in lower case.
constexpr auto take_ascii_label(std::string_view label, host_labels& labels) -> bool
{
    label_characters characters;
    if (!is_host_label(label)) {
        return false;
    }
    if (is_a_label(label)) {
        if (!decode_a_label(label, characters)) {
            return false;
        }
    } else {
        for (char const c : label) {
            characters.push(static_cast<char32_t>(to_lower(c)));
        }
    }
    labels.add(characters.view(), label.size());
    return true;
}

} // namespace detail

/// A name of RFC 1123, in which labels that begin with xn-- are ones of IDNA 2008.
constexpr auto is_host_name(std::string_view text) -> bool
{
    if (text.size() > 253) {
        return false;
    }
    detail::host_labels labels;
    for (;;) {
        auto const dot = text.find('.');
        if (!detail::take_ascii_label(text.substr(0, dot), labels)) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return labels.are_valid();
        }
        text.remove_prefix(dot + 1);
    }
}

/// Which form a name in other letters must be in.
enum class normalization : std::uint8_t { any, form_c };

namespace detail {

/// A label in any letters. Source: RFC 5890, 2.3.2.1; RFC 5891, 4.2.
constexpr auto take_label(label_characters const& label, normalization form, host_labels& labels)
    -> bool
{
    auto const characters = label.view();
    if (std::ranges::all_of(characters, [](char32_t c) { return c < 128; })) {
        char ascii[label_characters::most] = {};
        std::ranges::transform(characters, ascii, [](char32_t c) { return static_cast<char>(c); });
        std::string_view const text(ascii, characters.size());
        bool const is_reserved = text.size() > 3 && text.substr(2, 2) == "--" && !is_a_label(text);
        return !is_reserved && take_ascii_label(text, labels);
    }
    punycode::encoded encoded;
    if (!idna::is_valid_label(characters) ||
        (form == normalization::form_c && !idna::is_normalized(characters)) ||
        !punycode::encode(characters, encoded) || encoded.size + 4 > 63) {
        return false;
    }
    labels.add(characters, encoded.size + 4);
    return true;
}

/// The full stops of RFC 3490, 3.1.
constexpr auto is_full_stop(char32_t c) -> bool
{
    return c == U'.' || c == 0x3002 || c == 0xff0e || c == 0xff61;
}

} // namespace detail

/// A name of IDNA 2008, in any letters.
/// Source: RFC 5890 to 5893, with the full stops of RFC 3490, 3.1.
constexpr auto is_idn_host_name(std::string_view text, normalization form) -> bool
{
    detail::host_labels labels;
    label_characters label;
    while (!text.empty() && labels.length <= 253) {
        auto const c = take_utf8(text);
        if (!detail::is_full_stop(c)) {
            if (!label.push(c)) {
                return false;
            }
            continue;
        }
        if (text.empty() || !detail::take_label(label, form, labels)) {
            return false;
        }
        label.size = 0;
    }
    return detail::take_label(label, form, labels) && labels.are_valid();
}

constexpr auto is_idn_host_name(std::string_view text) -> bool
{
    return is_idn_host_name(text, normalization::form_c);
}

} // namespace haiga::schema::formats
