#pragma once

#include "haiga/tokenizer/unicode_tables.hpp"

#include <algorithm>
#include <cstdint>

namespace haiga::tokenizer {

/// General categories, under the names that Unicode gives them. Source: Unicode 16.0, table 4-4.
enum class category : std::uint8_t {
    Cn, ///< not assigned
    Cc, ///< control
    Cf, ///< format
    Cs, ///< surrogate
    Co, ///< private use
    Lu, ///< letter: upper case
    Ll, ///< lower case
    Lt, ///< title case
    Lm, ///< modifier
    Lo, ///< other
    Mn, ///< mark: nonspacing
    Mc, ///< spacing
    Me, ///< enclosing
    Nd, ///< number: decimal digit
    Nl, ///< letter
    No, ///< other
    Pc, ///< punctuation: connector
    Pd, ///< dash
    Ps, ///< open
    Pe, ///< close
    Pi, ///< initial quote
    Pf, ///< final quote
    Po, ///< other
    Sm, ///< symbol: mathematical
    Sc, ///< currency
    Sk, ///< modifier
    So, ///< other
    Zs, ///< separator: space
    Zl, ///< line
    Zp, ///< paragraph
};

namespace detail {

/// The last of the sorted runs that begins at or before a character; its lowest bits are no part of
/// the character.
template <unsigned Bits, std::size_t N>
constexpr auto run_of(std::uint32_t const (&runs)[N], char32_t character) -> std::uint32_t const*
{
    auto const end = static_cast<std::uint32_t>(character + 1) << Bits;
    return std::lower_bound(runs, runs + N, end) - 1;
}

} // namespace detail

/// Cost: a search among three thousand runs.
constexpr auto category_of(char32_t character) -> category
{
    auto const run = *detail::run_of<5>(unicode::category_runs, character);
    auto const kind = static_cast<category>(run & 31U);
    if (kind <= category::Zp) {
        return kind;
    }
    return (character - (run >> 5U)) % 2 == 0 ? category::Lu : category::Ll;
}

/// \p{L}
constexpr auto is_letter(category c) -> bool { return c >= category::Lu && c <= category::Lo; }
/// \p{N}
constexpr auto is_number(category c) -> bool { return c >= category::Nd && c <= category::No; }

/// Unicode's White_Space, which is what \s means in most regex engines.
constexpr auto is_white_space(char32_t c) -> bool
{
    return (c >= 0x9 && c <= 0xd) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

} // namespace haiga::tokenizer
