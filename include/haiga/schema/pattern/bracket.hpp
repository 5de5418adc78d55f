#pragma once

#include "haiga/schema/pattern/escape.hpp"

#include <utility>
#include <variant>

namespace haiga::schema::regex {

namespace detail {

/// One end of a range, or what stands alone.
inline auto take_class_atom(cursor& in, strictness how) -> result<escaped>
{
    if (!in.take("\\")) {
        return escaped(in.take_character());
    }
    if (in.take("b")) {
        return escaped(U'\b');
    }
    if (in.take("-")) {
        return escaped(U'-');
    }
    return take_escape(in, how);
}

inline void add_atom(code_points& set, escaped const& atom)
{
    if (auto const* const c = std::get_if<char32_t>(&atom)) {
        set.add(*c, *c);
    } else {
        set.add(std::get<code_points>(atom));
    }
}

} // namespace detail

/// A class in brackets, behind the first of them. Source: ECMA-262, 22.2.1, CharacterClass.
inline auto take_bracket(cursor& in, strictness how) -> result<code_points>
{
    auto const open = in;
    auto const negated = in.take("^");
    code_points set;
    while (!in.take("]")) {
        if (in.at_end()) {
            return open.fails("a bracket is not closed");
        }
        auto const begin = in;
        HAIGA_TRY(auto const first, detail::take_class_atom(in, how));
        bool const is_range = in.starts_with("-") && !in.starts_with("-]") && in.rest().size() > 1;
        if (!is_range) {
            detail::add_atom(set, first);
            continue;
        }
        in.skip(1);
        HAIGA_TRY(auto const last, detail::take_class_atom(in, how));
        auto const* const low = std::get_if<char32_t>(&first);
        auto const* const high = std::get_if<char32_t>(&last);
        if (low != nullptr && high != nullptr) {
            if (*low > *high) {
                return begin.fails("a range is out of order");
            }
            set.add(*low, *high);
            continue;
        }
        if (how == strictness::strict) {
            return begin.fails("a range needs a character at either end");
        }
        detail::add_atom(set, first);
        detail::add_atom(set, last);
        set.add(U'-', U'-');
    }
    set.settle();
    if (negated) {
        set.invert();
    }
    return set;
}

} // namespace haiga::schema::regex
