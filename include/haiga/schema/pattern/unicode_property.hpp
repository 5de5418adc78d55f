#pragma once

#include "haiga/schema/pattern/code_points.hpp"
#include "haiga/schema/pattern/unicode_tables.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace haiga::schema::regex {

namespace detail {

inline auto find_property(std::span<unicode::property const> rows, std::string_view name)
    -> std::optional<code_points>
{
    auto const found = std::ranges::lower_bound(rows, name, {}, &unicode::property::name);
    if (found == rows.end() || found->name != name) {
        return std::nullopt;
    }
    code_points set;
    char32_t at = 0;
    for (std::uint32_t i = 0; i + 1 < found->count; i += 2) {
        at += unicode::lengths[found->first + i];
        auto const length = unicode::lengths[found->first + i + 1];
        set.add(at, at + length - 1);
        at += length;
    }
    set.settle();
    return set;
}

} // namespace detail

/// What \p{name} and \p{name=value} stand for, by the names that ECMA-262 allows, letter for
/// letter; nothing for others. value is empty where there was none.
/// Source: ECMA-262, tables 67 to 69; the Unicode version is the one that the tables name.
inline auto unicode_property(std::string_view name, std::string_view value)
    -> std::optional<code_points>
{
    if (value.empty()) {
        if (name == "Any") {
            return code_points{{0, last_code_point}};
        }
        if (name == "ASCII") {
            return code_points{{0, 0x7f}};
        }
        auto found = detail::find_property(unicode::categories, name);
        return found ? found : detail::find_property(unicode::binary_properties, name);
    }
    if (name == "General_Category" || name == "gc") {
        return detail::find_property(unicode::categories, value);
    }
    if (name == "Script" || name == "sc") {
        return detail::find_property(unicode::scripts, value);
    }
    if (name == "Script_Extensions" || name == "scx") {
        return detail::find_property(unicode::script_extensions, value);
    }
    return std::nullopt;
}

} // namespace haiga::schema::regex
