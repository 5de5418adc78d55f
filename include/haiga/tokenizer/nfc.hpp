#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/category.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

namespace detail {

constexpr auto combining_class(char32_t character) -> unsigned
{
    return character < 0x300 ? 0 : *run_of<8>(unicode::combining_runs, character) & 0xffU;
}

/// The syllables of Hangul are computed. Source: Unicode 16.0, 3.12.
namespace hangul {
inline constexpr char32_t syllable = 0xac00, lead = 0x1100, vowel = 0x1161, trail = 0x11a7;
inline constexpr char32_t leads = 19, vowels = 21, trails = 28, syllables = leads * vowels * trails;
} // namespace hangul

template <std::size_t N>
constexpr auto find_whole(unicode::decomposition const (&table)[N], char32_t whole)
    -> unicode::decomposition const*
{
    auto const* const found =
        std::ranges::lower_bound(table, whole, {}, &unicode::decomposition::whole);
    return found != std::end(table) && found->whole == whole ? found : nullptr;
}

/// What is written between a character and its canonical equivalent of one or two; first is 0 where
/// there is none.
constexpr auto decompose(char32_t c) -> unicode::decomposition
{
    using namespace hangul;
    if (c >= syllable && c < syllable + syllables) {
        auto const i = c - syllable;
        return i % trails != 0 ? unicode::decomposition{c, c - i % trails, trail + i % trails}
                               : unicode::decomposition{c, lead + i / (vowels * trails),
                                                        vowel + i % (vowels * trails) / trails};
    }
    if (c >= 0xf900 && c - 0xf900 < std::size(unicode::ideographs_f900)) {
        return {c, unicode::ideographs_f900[c - 0xf900], 0};
    }
    if (c >= 0x2f800 && c - 0x2f800 < std::size(unicode::ideographs_2f800)) {
        return {c, unicode::ideographs_2f800[c - 0x2f800], 0};
    }
    for (auto const* found :
         {find_whole(unicode::compositions, c), find_whole(unicode::decompositions, c)}) {
        if (found != nullptr) {
            return *found;
        }
    }
    return {c, 0, 0};
}

constexpr auto is_before(unicode::decomposition const& a, unicode::decomposition const& b) -> bool
{
    return a.first != b.first ? a.first < b.first : a.second < b.second;
}

/// What two characters compose to; 0 where they do not.
inline auto compose(char32_t a, char32_t b) -> char32_t
{
    using namespace hangul;
    if (a >= lead && a < lead + leads && b >= vowel && b < vowel + vowels) {
        return syllable + ((a - lead) * vowels + (b - vowel)) * trails;
    }
    if (a >= syllable && a < syllable + syllables && (a - syllable) % trails == 0 && b > trail &&
        b < trail + trails) {
        return a + (b - trail);
    }
    static auto const by_parts = [] {
        std::vector rows(std::begin(unicode::compositions), std::end(unicode::compositions));
        std::ranges::sort(rows, is_before);
        return rows;
    }();
    auto const found =
        std::ranges::lower_bound(by_parts, unicode::decomposition{0, a, b}, is_before);
    return found != by_parts.end() && found->first == a && found->second == b ? found->whole : 0;
}

/// Takes characters and appends them, composed, to a text. Source: Unicode 16.0, 3.11.
class composer {
public:
    explicit composer(std::string& text) : text_(text) {}

    void add(char32_t c)
    {
        if (is_plain(c)) {
            finish();
            start(c);
            return;
        }
        auto const parts = decompose(c);
        if (parts.first == 0) {
            add_whole(c);
            return;
        }
        add(parts.first);
        if (parts.second != 0) {
            add(parts.second);
        }
    }

    /// After the last character.
    void finish()
    {
        settle();
        write();
    }

private:
    struct mark {
        char32_t character;
        unsigned combining;
    };

    /// What has no equivalent, combines with nothing before it and is met often.
    static auto is_plain(char32_t c) -> bool { return c < 0xc0 || (c >= 0x3400 && c < 0xa000); }

    void write()
    {
        if (has_starter_) {
            append_utf8(text_, starter_);
        }
        for (auto const& m : marks_) {
            append_utf8(text_, m.character);
        }
        has_starter_ = false;
        marks_.clear();
    }

    void add_whole(char32_t c)
    {
        if (auto const combining = combining_class(c); combining != 0) {
            marks_.push_back({c, combining});
            return;
        }
        settle();
        if (auto const whole = has_starter_ && marks_.empty() ? compose(starter_, c) : 0;
            whole != 0) {
            starter_ = whole;
            return;
        }
        write();
        start(c);
    }

    void start(char32_t c)
    {
        starter_ = c;
        has_starter_ = true;
    }

    /// Puts the marks in order and lets the starter take those that compose with it.
    void settle()
    {
        if (marks_.empty()) {
            return;
        }
        std::ranges::stable_sort(marks_, {}, &mark::combining);
        if (!has_starter_) {
            return;
        }
        unsigned before = 0; // the class of the last mark that stays
        std::erase_if(marks_, [&](mark const& m) {
            auto const whole = m.combining > before ? compose(starter_, m.character) : 0;
            starter_ = whole != 0 ? whole : starter_;
            before = whole != 0 ? before : m.combining;
            return whole != 0;
        });
    }

    std::string& text_;
    char32_t starter_ = 0;
    bool has_starter_ = false;
    std::vector<mark> marks_;
};

} // namespace detail

/// Normalization form C; U+FFFD for bytes that are not UTF-8.
/// Cost:   linear but for the marks of one character, which are sorted.
/// Source: Unicode 16.0, 3.11; UAX #15.
inline auto nfc(std::string_view text) -> std::string
{
    std::string out;
    out.reserve(text.size());
    detail::composer composer(out);
    while (!text.empty()) {
        if (auto const ascii = ascii_length(text); ascii > 1) {
            composer.finish();
            out.append(text.substr(0, ascii - 1)); // what follows may compose with the last
            text.remove_prefix(ascii - 1);
        }
        composer.add(take_utf8(text));
    }
    composer.finish();
    return out;
}

} // namespace haiga::tokenizer
