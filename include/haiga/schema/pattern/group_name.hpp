#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/schema/pattern/escape.hpp"

#include <string>

namespace haiga::schema::regex {

namespace detail {

inline auto in_property(char const* name, char32_t c) -> bool
{
    auto const set = unicode_property(name, {});
    return set && set->contains(c);
}

inline auto is_name_part(char32_t c, bool first) -> bool
{
    if (c < 0x80) {
        auto const byte = static_cast<char>(c);
        return is_letter(byte) || byte == '$' || byte == '_' || (!first && is_digit(byte));
    }
    return first ? in_property("ID_Start", c)
                 : c == 0x200c || c == 0x200d || in_property("ID_Continue", c);
}

} // namespace detail

/// The name of a group, behind the <, and the >. Source: ECMA-262, 22.2.1, GroupName.
inline auto take_group_name(cursor& in) -> result<std::string>
{
    auto const begin = in;
    std::string name;
    while (!in.take(">")) {
        if (in.at_end()) {
            return begin.fails("the name of a group does not end in >");
        }
        auto c = U'\0';
        if (in.take("\\u")) {
            HAIGA_TRY(c, take_unicode_escape(in));
        } else {
            c = in.take_character();
        }
        if (!detail::is_name_part(c, name.empty())) {
            return begin.fails("a group needs a name as variables have");
        }
        append_utf8(name, c);
    }
    if (name.empty()) {
        return begin.fails("a group needs a name as variables have");
    }
    return name;
}

} // namespace haiga::schema::regex
