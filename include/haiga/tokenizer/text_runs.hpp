#pragma once

#include "haiga/tokenizer/character_class.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace haiga::tokenizer::detail {

/// How many of the eight bytes at `at`, from the first on, lie in [First, Last] once the bits of
/// Ignored are set in them. All are below 0x80.
template <unsigned char First, unsigned char Last, unsigned char Ignored>
inline auto bytes_within(char const* at) -> std::size_t
{
    static_assert(Last < 0x80);
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101U;
    std::uint64_t raw = 0;
    std::memcpy(&raw, at, 8);
    auto const low = (raw | ones * Ignored) & ones * 0x7f;
    auto const inside = (low + ones * (0x80U - First)) & ~(low + ones * (0x7fU - Last)) & ~raw;
    auto const outside = ~inside & ones * 0x80;
    auto const bits = std::endian::native == std::endian::little ? std::countr_zero(outside)
                                                                 : std::countl_zero(outside);
    return static_cast<std::size_t>(bits) / 8;
}

/// The end of a word as most are: one byte of ASCII for which Begins holds and then one to fifteen
/// letters of ASCII (in lower case where Ignored is 0), behind which comes ASCII that is no letter
/// and no apostrophe. nullptr for what is anything else, which is no reason to think it is no word.
template <unsigned char Ignored, std::size_t N>
inline auto plain_word(std::array<bool, N> const& begins, char const* at, char const* end)
    -> char const*
{
    if (end - at < 18 || !begins[static_cast<unsigned char>(*at)]) {
        return nullptr;
    }
    auto letters = bytes_within<'a', 'z', Ignored>(at + 1);
    if (letters == 8) {
        letters += bytes_within<'a', 'z', Ignored>(at + 9);
    }
    auto const* const behind = at + 1 + letters;
    auto const next = static_cast<unsigned char>(*behind);
    auto const is_letter = static_cast<unsigned char>((next | 0x20U) - 'a') < 26;
    return letters == 0 || next >= 0x80 || next == '\'' || is_letter ? nullptr : behind;
}

/// Bytes for plain_word: letters, and of the others those for which also(byte) holds.
template <class Also>
constexpr auto beginnings(Also const& also) -> std::array<bool, 256>
{
    std::array<bool, 256> begins{};
    for (unsigned byte = 0; byte < 0x80; ++byte) {
        auto const letter = byte | 0x20U;
        begins[byte] = (letter >= 'a' && letter <= 'z') || also(byte);
    }
    return begins;
}

/// Any byte of ASCII but letters, numbers, line breaks and the apostrophe.
inline constexpr auto before_words = [](unsigned byte) {
    return !(byte >= '0' && byte <= '9') && byte != '\n' && byte != '\r' && byte != '\'';
};

/// Where the characters from `at` on end that have one of the classes Kind; what are ASCII letters
/// among them is passed eight at a time where all of them are of that class.
template <std::uint8_t Kind>
inline auto run_of(character_classes const& classes, char const* at, char const* end) -> char const*
{
    while (at != end) {
        if constexpr ((Kind & char_class::lower) != 0 || Kind == char_class::letter) {
            constexpr unsigned char ignored = Kind == char_class::letter ? 0x20 : 0;
            while (end - at >= 8) {
                auto const passed = bytes_within<'a', 'z', ignored>(at);
                at += passed;
                if (passed < 8) {
                    break;
                }
            }
            if (at == end) {
                break;
            }
        }
        auto const next = classes.at(at, end);
        if ((next.kind & Kind) == 0) {
            break;
        }
        at += next.length;
    }
    return at;
}

/// Where the characters end that are neither letters nor numbers nor spaces.
inline auto run_of_others(character_classes const& classes, char const* at, char const* end)
    -> char const*
{
    while (at != end) {
        auto const next = classes.at(at, end);
        if ((next.kind & char_class::word) != 0) {
            break;
        }
        at += next.length;
    }
    return at;
}

/// Where at most `most` numbers end.
inline auto run_of_numbers(character_classes const& classes, char const* at, char const* end,
                           std::size_t most) -> char const*
{
    for (std::size_t i = 0; i < most && at != end; ++i) {
        auto const next = classes.at(at, end);
        if ((next.kind & char_class::number) == 0) {
            break;
        }
        at += next.length;
    }
    return at;
}

/// A run of white space, and where in it the last character begins and the last line break ends
/// (nullptr: there is none).
struct space_run {
    char const* end;
    char const* last;
    char const* behind_newline;
};

inline auto run_of_spaces(character_classes const& classes, char const* at, char const* end)
    -> space_run
{
    space_run run{at, at, nullptr};
    while (run.end != end) {
        auto const next = classes.at(run.end, end);
        if ((next.kind & char_class::space) == 0) {
            break;
        }
        run.last = run.end;
        run.end += next.length;
        run.behind_newline = (next.kind & char_class::newline) != 0 ? run.end : run.behind_newline;
    }
    return run;
}

/// The piece of white space that `\s+(?!\S)|\s` takes of a run: all of it at the end of the text,
/// else all but the last character, else that one.
inline auto end_of_spaces(space_run const& run, char const* begin, char const* end) -> char const*
{
    return run.end == end || run.last == begin ? run.end : run.last;
}

/// The length of 's, 't, 'm, 'd, 're, 've or 'll at `at`, where an apostrophe is; 0 where there is
/// none. Where case is ignored, U+017F is an s, as Unicode's simple case folding has it.
template <bool IgnoreCase>
inline auto contraction(char const* at, char const* end) -> std::size_t
{
    auto const letter = [&](std::ptrdiff_t i) {
        auto const c = end - at > i ? at[i] : '\0';
        return IgnoreCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c;
    };
    auto const first = letter(1), second = letter(2);
    switch (first) {
    case 's':
    case 't':
    case 'm':
    case 'd': return 2;
    case 'r':
    case 'v': return second == 'e' ? 3 : 0;
    case 'l': return second == 'l' ? 3 : 0;
    default: return IgnoreCase && first == '\xc5' && second == '\xbf' ? 3 : 0;
    }
}

} // namespace haiga::tokenizer::detail
