#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/schema/formats/address.hpp"
#include "haiga/schema/formats/ascii.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace haiga::schema::formats {

/// Which characters may stand in identifiers of resources.
enum class letters : std::uint8_t {
    ascii, ///< URI: RFC 3986
    all,   ///< IRI: RFC 3987
};

/// Source: RFC 3987, 2.2, ucschar.
constexpr auto is_iri_character(char32_t c) -> bool
{
    if (c < 0x10000) {
        return (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfdcf) ||
               (c >= 0xfdf0 && c <= 0xffef);
    }
    return c < 0xf0000 && (c & 0xffffU) <= 0xfffd && (c < 0xe0000 || c >= 0xe1000);
}

/// Source: RFC 3987, 2.2, iprivate.
constexpr auto is_iri_private(char32_t c) -> bool
{
    return (c >= 0xe000 && c <= 0xf8ff) || (c >= 0xf0000 && (c & 0xffffU) <= 0xfffd);
}

namespace detail {

constexpr auto is_uri_character(char c, std::string_view besides) -> bool
{
    return is_letter_or_digit(c) || is_one_of(c, "-._~!$&'()*+,;=") || is_one_of(c, besides);
}

/// Whether a part of an identifier has nothing but unreserved characters, sub-delimiters, what is
/// percent-encoded, and what is named besides.
constexpr auto is_uri_part(std::string_view text, letters which, std::string_view besides,
                           bool with_private = false) -> bool
{
    while (!text.empty()) {
        if (take_percent(text)) {
            continue;
        }
        if (is_ascii(text[0])) {
            if (!is_uri_character(text[0], besides)) {
                return false;
            }
            text.remove_prefix(1);
            continue;
        }
        if (which == letters::ascii) {
            return false;
        }
        auto const c = take_utf8(text);
        if (!is_iri_character(c) && !(with_private && is_iri_private(c))) {
            return false;
        }
    }
    return true;
}

/// Source: RFC 3986, 3.2.2, IP-literal.
constexpr auto is_ip_literal(std::string_view text) -> bool
{
    if (text.empty() || to_lower(text[0]) != 'v') {
        return is_ipv6(text);
    }
    text.remove_prefix(1);
    auto const digits = count_while(text, is_hex);
    text.remove_prefix(digits);
    return digits > 0 && take(text, '.') && !text.empty() &&
           count_while(text, [](char c) { return is_uri_character(c, ":"); }) == text.size();
}

constexpr auto is_port(std::string_view text) -> bool
{
    return text.empty() || (take(text, ':') && count_while(text, is_digit) == text.size());
}

/// Source: RFC 3986, 3.2.
constexpr auto is_authority(std::string_view text, letters which) -> bool
{
    if (auto const at = text.find('@'); at != std::string_view::npos) {
        if (!is_uri_part(text.substr(0, at), which, ":")) {
            return false;
        }
        text.remove_prefix(at + 1);
    }
    if (take(text, '[')) {
        auto const end = text.find(']');
        return end != std::string_view::npos && is_ip_literal(text.substr(0, end)) &&
               is_port(text.substr(end + 1));
    }
    auto const end = text.find(':');
    return is_uri_part(text.substr(0, end), which, "") &&
           (end == std::string_view::npos || is_port(text.substr(end)));
}

/// Takes a scheme and its colon away. Source: RFC 3986, 3.1.
constexpr auto take_scheme(std::string_view& text) -> bool
{
    auto const length =
        count_while(text, [](char c) { return is_letter_or_digit(c) || is_one_of(c, "+-."); });
    if (length == 0 || !is_letter(text[0]) || length == text.size() || text[length] != ':') {
        return false;
    }
    text.remove_prefix(length + 1);
    return true;
}

} // namespace detail

/// A URI or IRI, or, where no scheme is needed, a reference. Source: RFC 3986, 4.1; RFC 3987, 2.2.
constexpr auto is_resource(std::string_view text, letters which, bool needs_scheme) -> bool
{
    bool const has_scheme = detail::take_scheme(text);
    if (needs_scheme && !has_scheme) {
        return false;
    }
    auto const fragment = text.find('#');
    if (fragment != std::string_view::npos) {
        if (!detail::is_uri_part(text.substr(fragment + 1), which, ":@/?")) {
            return false;
        }
        text = text.substr(0, fragment);
    }
    auto const query = text.find('?');
    if (query != std::string_view::npos) {
        if (!detail::is_uri_part(text.substr(query + 1), which, ":@/?", true)) {
            return false;
        }
        text = text.substr(0, query);
    }
    if (text.starts_with("//")) {
        auto const end = text.find('/', 2);
        auto const authority = text.substr(2, end == std::string_view::npos ? end : end - 2);
        if (!detail::is_authority(authority, which)) {
            return false;
        }
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
    } else if (!has_scheme && text.substr(0, text.find('/')).find(':') != std::string_view::npos) {
        return false; // the first segment would be a scheme
    }
    return detail::is_uri_part(text, which, ":@/");
}

constexpr auto is_uri(std::string_view text) -> bool
{
    return is_resource(text, letters::ascii, true);
}
constexpr auto is_uri_reference(std::string_view text) -> bool
{
    return is_resource(text, letters::ascii, false);
}
constexpr auto is_iri(std::string_view text) -> bool
{
    return is_resource(text, letters::all, true);
}
constexpr auto is_iri_reference(std::string_view text) -> bool
{
    return is_resource(text, letters::all, false);
}

} // namespace haiga::schema::formats
