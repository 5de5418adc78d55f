#pragma once

#include "haiga/schema/pattern/code_points.hpp"

namespace haiga::schema::regex {

/// \d, \w, \s and . of ECMA-262 with the u flag and no other. Source: ECMA-262, 22.2.2.9;
/// WhiteSpace and LineTerminator, 12.2 and 12.3.
inline auto digits() -> code_points { return {{U'0', U'9'}}; }

inline auto word_characters() -> code_points
{
    return {{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}};
}

inline auto white_space() -> code_points
{
    return {{0x9, 0xd},       {0x20, 0x20},     {0xa0, 0xa0},     {0x1680, 0x1680},
            {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f},
            {0x3000, 0x3000}, {0xfeff, 0xfeff}};
}

inline auto not_line_terminators() -> code_points
{
    return {{0x0, 0x9}, {0xb, 0xc}, {0xe, 0x2027}, {0x202a, last_code_point}};
}

constexpr auto is_word_byte(char c) -> bool
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= 'a' && c <= 'z');
}

} // namespace haiga::schema::regex
