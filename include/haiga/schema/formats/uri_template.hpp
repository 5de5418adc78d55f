#pragma once

#include "haiga/schema/formats/uri.hpp"

#include <cstddef>
#include <string_view>

namespace haiga::schema::formats {

namespace detail {

/// Letters, digits, _ and what is percent-encoded, with single dots between.
constexpr auto take_variable_name(std::string_view& text) -> bool
{
    bool needs_more = true;
    for (;;) {
        if (!text.empty() && (is_letter_or_digit(text[0]) || text[0] == '_')) {
            text.remove_prefix(1);
            needs_more = false;
        } else if (take_percent(text)) {
            needs_more = false;
        } else if (!needs_more && take(text, '.')) {
            needs_more = true;
        } else {
            return !needs_more;
        }
    }
}

constexpr auto take_variable(std::string_view& text) -> bool
{
    if (!take_variable_name(text)) {
        return false;
    }
    if (take(text, ':')) {
        auto const digits = count_while(text.substr(0, 5), is_digit);
        if (digits == 0 || digits > 4 || text[0] == '0') {
            return false;
        }
        text.remove_prefix(digits);
        return true;
    }
    take(text, '*');
    return true;
}

/// What stands behind the brace, and the closing one.
constexpr auto take_expression(std::string_view& text) -> bool
{
    if (!text.empty() && is_one_of(text[0], "+#./;?&=,!@|")) {
        text.remove_prefix(1);
    }
    do {
        if (!take_variable(text)) {
            return false;
        }
    } while (take(text, ','));
    return take(text, '}');
}

constexpr auto is_template_literal(char32_t c) -> bool
{
    if (c >= 0x80) {
        return is_iri_character(c) || is_iri_private(c);
    }
    return c > 0x20 && c < 0x7f && !is_one_of(static_cast<char>(c), "\"%<>\\^`{|}");
}

} // namespace detail

/// Source: RFC 6570, 2, with erratum 6937: an apostrophe is a literal.
constexpr auto is_uri_template(std::string_view text) -> bool
{
    while (!text.empty()) {
        if (take(text, '{')) {
            if (!detail::take_expression(text)) {
                return false;
            }
        } else if (!take_percent(text) && !detail::is_template_literal(take_utf8(text))) {
            return false;
        }
    }
    return true;
}

} // namespace haiga::schema::formats
