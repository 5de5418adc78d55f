#pragma once

#include "haiga/tokenizer/category.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace haiga::tokenizer {

/// What pre-tokenizers ask of a character, one bit each.
namespace char_class {

inline constexpr std::uint8_t letter = 1; ///< \p{L}
inline constexpr std::uint8_t number = 2; ///< \p{N}
inline constexpr std::uint8_t space = 4;  ///< \s, which is Unicode's White_Space
inline constexpr std::uint8_t newline =
    8; ///< a line feed or a carriage return, which are spaces too
inline constexpr std::uint8_t upper = 16;                     ///< [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
inline constexpr std::uint8_t lower = 32;                     ///< [\p{Ll}\p{Lm}\p{Lo}\p{M}]
inline constexpr std::uint8_t mark = 64;                      ///< \p{M}
inline constexpr std::uint8_t word = letter | number | space; ///< what [^\s\p{L}\p{N}] is not

} // namespace char_class

/// The class of one character of text, and how many bytes it has.
struct classed_character {
    std::uint8_t kind;
    std::uint8_t length;
};

/// The classes of all characters of Unicode 16.0, the version that is pinned in unicode_tables.hpp.
/// A byte that is no part of well-formed UTF-8 is a character of no class, as U+FFFD is.
///
/// Cost: 256 KB, made when it is first asked for.
class character_classes {
public:
    static auto get() -> character_classes const&
    {
        static character_classes const all;
        return all;
    }

    [[nodiscard]] auto of(char32_t character) const -> std::uint8_t
    {
        return character < listed ? kinds_[character] : beyond(character);
    }
    [[nodiscard]] auto of_ascii(unsigned char byte) const -> std::uint8_t { return kinds_[byte]; }

    /// at is before end.
    [[nodiscard]] auto at(char const* at, char const* end) const -> classed_character
    {
        auto const lead = static_cast<unsigned char>(*at);
        return lead < 0x80 ? classed_character{kinds_[lead], 1} : beyond_ascii(at, end);
    }

private:
    static constexpr char32_t listed = 0x40000; // above: private use, tags, and marks

    character_classes() : kinds_(listed)
    {
        auto const runs = std::size(unicode::category_runs);
        for (std::size_t i = 0; i < runs; ++i) {
            auto const run = unicode::category_runs[i];
            auto const first = std::min<char32_t>(run >> 5U, listed);
            auto const last = i + 1 < runs
                                  ? std::min<char32_t>(unicode::category_runs[i + 1] >> 5U, listed)
                                  : listed;
            for (auto c = first; c < last; ++c) {
                auto const kind = static_cast<category>(run & 31U);
                kinds_[c] = bits_of(kind <= category::Zp         ? kind
                                    : (c - (run >> 5U)) % 2 == 0 ? category::Lu
                                                                 : category::Ll);
            }
        }
        for (char32_t c = 0; c <= U'\u3000'; ++c) {
            kinds_[c] = is_white_space(c) ? char_class::space : kinds_[c];
        }
        kinds_['\n'] = kinds_['\r'] = char_class::space | char_class::newline;
    }

    static constexpr auto bits_of(category c) -> std::uint8_t
    {
        using namespace char_class;
        switch (c) {
        case category::Lu:
        case category::Lt: return letter | upper;
        case category::Ll: return letter | lower;
        case category::Lm:
        case category::Lo: return letter | upper | lower;
        case category::Mn:
        case category::Mc:
        case category::Me: return mark | upper | lower;
        default: return is_number(c) ? number : std::uint8_t{0};
        }
    }

    static auto beyond(char32_t c) -> std::uint8_t
    {
        return c <= U'\U0010ffff' ? bits_of(category_of(c)) : std::uint8_t{0};
    }

    [[nodiscard]] auto beyond_ascii(char const* at, char const* end) const -> classed_character
    {
        auto const byte = [&](int i) { return static_cast<unsigned char>(at[i]); };
        auto const follows = [&](int i) { return (byte(i) & 0xc0U) == 0x80; };
        auto const rest = [&](int i) { return byte(i) & 0x3fU; };
        unsigned const lead = byte(0);
        auto const left = end - at;
        if (lead >= 0xe0 && lead < 0xf0 && left >= 3 && follows(1) && follows(2)) {
            auto const c = (lead & 15U) << 12U | rest(1) << 6U | rest(2);
            if (c >= 0x800 && (c < 0xd800 || c > 0xdfff)) {
                return {kinds_[c], 3};
            }
        } else if (lead >= 0xc2 && lead < 0xe0 && left >= 2 && follows(1)) {
            return {kinds_[(lead & 31U) << 6U | rest(1)], 2};
        } else if (lead >= 0xf0 && lead < 0xf5 && left >= 4 && follows(1) && follows(2) &&
                   follows(3)) {
            auto const c = (lead & 7U) << 18U | rest(1) << 12U | rest(2) << 6U | rest(3);
            if (c >= 0x10000 && c <= 0x10ffff) {
                return {of(c), 4};
            }
        }
        return {0, 1};
    }

    std::vector<std::uint8_t> kinds_;
};

} // namespace haiga::tokenizer
