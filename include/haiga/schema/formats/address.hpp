#pragma once

#include "haiga/schema/formats/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace haiga::schema::formats {

/// Four numbers below 256 without leading zeros. Source: RFC 2673, 3.2; RFC 3986, IPv4address.
constexpr auto is_ipv4(std::string_view text) -> bool
{
    for (int part = 0; part < 4; ++part) {
        auto const digits = count_while(text.substr(0, 4), is_digit);
        if (digits == 0 || digits > 3 || (digits > 1 && text[0] == '0') ||
            take_digits(text, digits) > 255 || (part < 3 && !take(text, '.'))) {
            return false;
        }
    }
    return text.empty();
}

/// Source: RFC 4291, 2.2.
constexpr auto is_ipv6(std::string_view text) -> bool
{
    int groups = 0;
    bool shortened = text.starts_with("::");
    text.remove_prefix(shortened ? 2 : 0);
    while (!text.empty()) {
        auto const digits = count_while(text.substr(0, 5), is_hex);
        if (digits < text.size() && text[digits] == '.') {
            groups += 2;
            if (!is_ipv4(text)) {
                return false;
            }
            break;
        }
        if (digits == 0 || digits > 4) {
            return false;
        }
        ++groups;
        text.remove_prefix(digits);
        if (text.empty()) {
            break;
        }
        if (text.starts_with("::") && !shortened) {
            shortened = true;
            text.remove_prefix(2);
        } else if (!take(text, ':') || text.empty()) {
            return false;
        }
        if (groups > 8) {
            return false;
        }
    }
    return shortened ? groups < 8 : groups == 8;
}

/// Source: RFC 4122, 3, of any version and variant.
constexpr auto is_uuid(std::string_view text) -> bool
{
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_hyphen ? text[i] != '-' : !is_hex(text[i])) {
            return false;
        }
    }
    return true;
}

} // namespace haiga::schema::formats
