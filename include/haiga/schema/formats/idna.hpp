#pragma once

#include "haiga/schema/formats/idna_tables.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>

namespace haiga::schema::formats::idna {

template <std::size_t N>
constexpr auto is_in(range const (&ranges)[N], char32_t c) -> bool
{
    auto const after = std::ranges::upper_bound(ranges, c, {}, &range::first);
    return after != std::begin(ranges) && c <= std::prev(after)->last;
}

using label = std::span<char32_t const>;

/// Whether a zero width non-joiner stands between letters that would join.
/// Source: RFC 5892, A.1.
constexpr auto is_between_joined(label text, std::size_t at) -> bool
{
    auto left = at;
    do {
        if (left == 0) {
            return false;
        }
        --left;
    } while (is_in(joins_through, text[left]));
    auto right = at;
    do {
        if (++right == text.size()) {
            return false;
        }
    } while (is_in(joins_through, text[right]));
    return is_in(joins_left, text[left]) && is_in(joins_right, text[right]);
}

/// Source: RFC 5892, appendix A.
constexpr auto context_allows(label text, std::size_t at) -> bool
{
    auto const before = at > 0 ? text[at - 1] : U'\0';
    auto const after = at + 1 < text.size() ? text[at + 1] : U'\0';
    auto const has = [&](char32_t first, char32_t last) {
        return std::ranges::any_of(text, [=](char32_t c) { return c >= first && c <= last; });
    };
    switch (auto const c = text[at]) {
    case 0x200c: return is_in(viramas, before) || is_between_joined(text, at);
    case 0x200d: return is_in(viramas, before);
    case 0xb7: return before == U'l' && after == U'l';
    case 0x375: return is_in(greek, after);
    case 0x5f3:
    case 0x5f4: return is_in(hebrew, before);
    case 0x30fb: return std::ranges::any_of(text, [](char32_t x) { return is_in(kana_or_han, x); });
    default:
        return (c >= 0x660 && c <= 0x669 && !has(0x6f0, 0x6f9)) ||
               (c >= 0x6f0 && c <= 0x6f9 && !has(0x660, 0x669));
    }
}

/// Whether every character may stand where it stands. Source: RFC 5891, 4.2.3; RFC 5892.
constexpr auto is_valid_label(label text) -> bool
{
    if (text.empty() || text.front() == U'-' || text.back() == U'-' || is_in(marks, text[0]) ||
        (text.size() > 3 && text[2] == U'-' && text[3] == U'-')) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_in(valid, text[i]) && !context_allows(text, i)) {
            return false;
        }
    }
    return true;
}

constexpr auto combining_class(char32_t c) -> std::uint32_t
{
    auto const after =
        std::ranges::upper_bound(combining, static_cast<std::uint32_t>(c << 8U | 255U));
    return after == std::begin(combining) ? 0 : *std::prev(after) & 255U;
}

/// Whether two characters are one in NFC.
constexpr auto is_composed(char32_t first, char32_t second) -> bool
{
    constexpr char32_t syllables = 0xac00;
    if (first >= 0x1100 && first <= 0x1112 && second >= 0x1161 && second <= 0x1175) {
        return true;
    }
    if (first >= syllables && first <= 0xd7a3 && (first - syllables) % 28 == 0 && second > 0x11a7 &&
        second <= 0x11c2) {
        return true;
    }
    auto const found =
        std::ranges::lower_bound(composed, pair{first, second}, [](pair const& a, pair const& b) {
            return a.first != b.first ? a.first < b.first : a.second < b.second;
        });
    return found != std::end(composed) && found->first == first && found->second == second;
}

/// Whether valid characters are in normalization form C: each is by itself, so that what is left is
/// the order of marks, and what would be put together. Source: UAX #15, 9.
constexpr auto is_normalized(label text) -> bool
{
    char32_t starter = 0;
    std::uint32_t before = 0; // the class of the character before; above 255: none
    for (auto const c : text) {
        auto const now = combining_class(c);
        if (now != 0 && before > now) {
            return false;
        }
        bool const is_blocked = before != 0 && before >= now;
        if (starter != 0 && !is_blocked && is_composed(starter, c)) {
            return false;
        }
        starter = now == 0 ? c : starter;
        before = now;
    }
    return true;
}

/// Directions of a label, as RFC 5893 asks.
enum class direction : std::uint8_t { left, right, arabic_number, number, neutral, mark };

constexpr auto direction_of(char32_t c) -> direction
{
    return is_in(bidi_r, c)         ? direction::right
           : is_in(bidi_an, c)      ? direction::arabic_number
           : is_in(bidi_en, c)      ? direction::number
           : is_in(bidi_neutral, c) ? direction::neutral
           : is_in(bidi_nsm, c)     ? direction::mark
                                    : direction::left;
}

/// Whether a name that holds this label is one of both directions.
constexpr auto has_right_to_left(label text) -> bool
{
    return std::ranges::any_of(text,
                               [](char32_t c) { return is_in(bidi_r, c) || is_in(bidi_an, c); });
}

/// Source: RFC 5893, 2.
constexpr auto obeys_bidi_rule(label text) -> bool
{
    auto const first = direction_of(text[0]);
    if (first != direction::left && first != direction::right) {
        return false;
    }
    bool has_number = false;
    bool has_arabic = false;
    auto last = first; // that is no mark
    for (auto const c : text) {
        auto const d = direction_of(c);
        if (first == direction::left ? d == direction::right || d == direction::arabic_number
                                     : d == direction::left) {
            return false;
        }
        has_number = has_number || d == direction::number;
        has_arabic = has_arabic || d == direction::arabic_number;
        last = d == direction::mark ? last : d;
    }
    return last != direction::neutral && !(first == direction::right && has_number && has_arabic);
}

} // namespace haiga::schema::formats::idna
