#pragma once

#include "haiga/schema/formats/address.hpp"
#include "haiga/schema/formats/ascii.hpp"
#include "haiga/schema/formats/host_name.hpp"
#include "haiga/schema/formats/uri.hpp"

#include <cstddef>
#include <string_view>

namespace haiga::schema::formats {

namespace detail {

/// Source: RFC 5321, 4.1.2, Quoted-string; RFC 6531, 3.3.
constexpr auto take_quoted(std::string_view& text, letters which) -> bool
{
    text.remove_prefix(1);
    while (!text.empty()) {
        char const c = text[0];
        text.remove_prefix(1);
        if (c == '"') {
            return true;
        }
        bool const is_plain = is_ascii(c) ? c >= ' ' && c < 0x7f : which == letters::all;
        if (!is_plain) {
            return false;
        }
        if (c == '\\') {
            if (text.empty() || text[0] < ' ' || text[0] > '~') {
                return false;
            }
            text.remove_prefix(1);
        }
    }
    return false;
}

/// Source: RFC 5321, 4.1.2, Dot-string; RFC 5322, 3.2.3, atext; RFC 6531, 3.3.
constexpr auto take_dotted(std::string_view& text, letters which) -> bool
{
    auto const is_text = [=](char c) {
        return is_ascii(c) ? is_letter_or_digit(c) || is_one_of(c, "!#$%&'*+-/=?^_`{|}~")
                           : which == letters::all;
    };
    do {
        auto const length = count_while(text, is_text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    } while (take(text, '.'));
    return true;
}

/// What stands between brackets. Source: RFC 5321, 4.1.3.
constexpr auto is_address_literal(std::string_view text) -> bool
{
    auto const colon = text.find(':');
    if (colon == std::string_view::npos) {
        return is_ipv4(text);
    }
    auto const tag = text.substr(0, colon);
    auto const content = text.substr(colon + 1);
    if (tag.size() == 4 && to_lower(tag[0]) == 'i' && to_lower(tag[1]) == 'p' &&
        to_lower(tag[2]) == 'v' && tag[3] == '6') {
        return is_ipv6(content);
    }
    auto const is_content = [](char c) { return c > ' ' && c <= '~' && !is_one_of(c, "[\\]"); };
    return is_host_label(tag) && !content.empty() &&
           count_while(content, is_content) == content.size();
}

constexpr auto is_mail_domain(std::string_view text) -> bool
{
    for (auto rest = text; text.size() <= 255;) {
        auto const dot = rest.find('.');
        if (!is_host_label(rest.substr(0, dot))) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        rest.remove_prefix(dot + 1);
    }
    return false;
}

constexpr auto is_mailbox(std::string_view text, letters which) -> bool
{
    constexpr std::size_t most_local = 64; // RFC 5321, 4.5.3.1.1
    auto rest = text;
    bool const is_quoted = rest.starts_with('"');
    bool const has_local = is_quoted ? take_quoted(rest, which) : take_dotted(rest, which);
    if (!has_local || text.size() - rest.size() > most_local || !take(rest, '@')) {
        return false;
    }
    if (rest.starts_with('[')) {
        return rest.ends_with(']') && is_address_literal(rest.substr(1, rest.size() - 2));
    }
    return is_mail_domain(rest) ||
           (which == letters::all && is_idn_host_name(rest, normalization::any));
}

} // namespace detail

/// Source: RFC 5321, 4.1.2, Mailbox.
constexpr auto is_email(std::string_view text) -> bool
{
    return detail::is_mailbox(text, letters::ascii);
}

/// Source: RFC 6531, 3.3.
constexpr auto is_idn_email(std::string_view text) -> bool
{
    return detail::is_mailbox(text, letters::all);
}

} // namespace haiga::schema::formats
