#pragma once

#include "haiga/base/check.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>

namespace haiga::json {

namespace detail {

/// The shortest digits that read back as the same double, marked as a double.
inline void append(std::string& out, double value)
{
    HAIGA_CHECK(std::isfinite(value), "JSON has no infinity and no NaN");
    char digits[32];
    auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    std::string_view const text(digits, static_cast<std::size_t>(end - digits));
    out.append(text);
    if (text.find_first_of(".e") == std::string_view::npos) {
        out += ".0";
    }
}

inline auto is_nested(boost::json::value const& value) -> bool
{
    return value.is_array() || value.is_object();
}

inline void append(std::string& out, boost::json::value const& value, std::size_t indent);

template <class Items, class Write>
void append_lines(std::string& out, Items const& items, std::size_t indent, char const* brackets,
                  Write const& write)
{
    out += brackets[0];
    char const* before = "\n";
    for (auto const& item : items) {
        out.append(before).append(indent + 2, ' ');
        write(item);
        before = ",\n";
    }
    if (!items.empty()) {
        out.append("\n").append(indent, ' ');
    }
    out += brackets[1];
}

/// Arrays of plain values stay on one line: lists of channels and betas are read by people.
inline void append(std::string& out, boost::json::array const& items, std::size_t indent)
{
    for (auto const& item : items) {
        if (is_nested(item)) {
            append_lines(out, items, indent, "[]",
                         [&](auto const& nested) { append(out, nested, indent + 2); });
            return;
        }
    }
    out += '[';
    char const* before = "";
    for (auto const& item : items) {
        out += before;
        append(out, item, indent);
        before = ", ";
    }
    out += ']';
}

inline void append(std::string& out, boost::json::value const& value, std::size_t indent)
{
    if (auto const* const object = value.if_object()) {
        append_lines(out, *object, indent, "{}", [&](auto const& member) {
            out.append(boost::json::serialize(member.key())).append(": ");
            append(out, member.value(), indent + 2);
        });
    } else if (auto const* const array = value.if_array()) {
        append(out, *array, indent);
    } else if (auto const* const number = value.if_double()) {
        append(out, *number);
    } else {
        out += boost::json::serialize(value);
    }
}

} // namespace detail

/// JSON for people: two spaces an indent, members in the order in which they were inserted, the
/// shortest digits that read back as the same numbers, a newline at the end. The same value gives
/// the same bytes everywhere.
inline auto pretty(boost::json::value const& value) -> std::string
{
    std::string out;
    detail::append(out, value, 0);
    out += '\n';
    return out;
}

} // namespace haiga::json
