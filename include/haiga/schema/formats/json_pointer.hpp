#pragma once

#include "haiga/schema/formats/ascii.hpp"

#include <cstddef>
#include <string_view>

namespace haiga::schema::formats {

/// Source: RFC 6901, 3.
constexpr auto is_json_pointer(std::string_view text) -> bool
{
    if (!text.empty() && text[0] != '/') {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '~' &&
            (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) {
            return false;
        }
    }
    return true;
}

/// Source: draft-handrews-relative-json-pointer-01, 3.
constexpr auto is_relative_json_pointer(std::string_view text) -> bool
{
    auto const digits = count_while(text, is_digit);
    if (digits == 0 || (digits > 1 && text[0] == '0')) {
        return false;
    }
    text.remove_prefix(digits);
    return text == "#" || is_json_pointer(text);
}

} // namespace haiga::schema::formats
