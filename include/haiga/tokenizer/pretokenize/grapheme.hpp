#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/category.hpp"
#include "haiga/tokenizer/pretokenize/property_tables.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace haiga::tokenizer {

namespace detail {

enum class cluster_kind : std::uint8_t {
    other,
    control,
    extend,
    zwj,
    regional,
    prepend,
    spacing,
    l,
    v,
    t,
    cr,
    lf,
    pictographic,
    lv,
    lvt, // computed
};
enum class conjunct_kind : std::uint8_t { none, consonant, linker, extend };

/// Where grapheme clusters break, character after character.
/// Source: Unicode 16.0, UAX #29, 3.1.1.
class cluster_scanner {
public:
    /// Whether the cluster ends before a character.
    auto ends_before(char32_t c) -> bool
    {
        auto const property = *run_of<6>(unicode::cluster_runs, c) & 0x3fU;
        auto kind = static_cast<cluster_kind>(property & 15U);
        if (c >= 0xac00 && c <= 0xd7a3) {
            kind = (c - 0xac00) % 28 == 0 ? cluster_kind::lv : cluster_kind::lvt;
        }
        auto const conjunct = static_cast<conjunct_kind>(property >> 4U);
        auto const ends = breaks(kind, conjunct);
        remember(kind, conjunct, ends);
        return ends;
    }

private:
    [[nodiscard]] auto breaks(cluster_kind kind, conjunct_kind conjunct) const -> bool
    {
        using enum cluster_kind;
        if (before_ == cr && kind == lf) {
            return false;
        }
        if (before_ == control || before_ == cr || before_ == lf || kind == control || kind == cr ||
            kind == lf) {
            return true;
        }
        if ((before_ == l && (kind == l || kind == v || kind == lv || kind == lvt)) ||
            ((before_ == lv || before_ == v) && (kind == v || kind == t)) ||
            ((before_ == lvt || before_ == t) && kind == t)) {
            return false;
        }
        if (kind == extend || kind == zwj || kind == spacing || before_ == prepend) {
            return false;
        }
        if (linked_ && conjunct == conjunct_kind::consonant) {
            return false;
        }
        if (picture_ && before_ == zwj && kind == pictographic) {
            return false;
        }
        return !(odd_regional_ && before_ == regional && kind == regional);
    }

    void remember(cluster_kind kind, conjunct_kind conjunct, bool begins)
    {
        odd_regional_ = kind == cluster_kind::regional && (begins || !odd_regional_);
        picture_ = kind == cluster_kind::pictographic ||
                   (picture_ && (kind == cluster_kind::extend || kind == cluster_kind::zwj));
        if (conjunct == conjunct_kind::consonant) {
            consonant_ = true;
            linked_ = false;
        } else if (conjunct == conjunct_kind::none) {
            consonant_ = linked_ = false;
        } else if (conjunct == conjunct_kind::linker) {
            linked_ = consonant_;
        }
        before_ = kind;
    }

    cluster_kind before_ = cluster_kind::control;
    bool odd_regional_ = false, picture_ = false, consonant_ = false, linked_ = false;
};

} // namespace detail

/// The bytes of the first grapheme cluster of a text that is not empty.
inline auto grapheme_length(std::string_view text) -> std::size_t
{
    auto const is_plain = [&](std::size_t i) { return text[i] >= 0x20 && text[i] < 0x7f; };
    if (is_plain(0) && (text.size() == 1 || is_plain(1))) {
        return 1;
    }
    detail::cluster_scanner scanner;
    auto rest = text;
    scanner.ends_before(take_utf8(rest));
    while (!rest.empty()) {
        auto const at = text.size() - rest.size();
        if (scanner.ends_before(take_utf8(rest))) {
            return at;
        }
    }
    return text.size();
}

} // namespace haiga::tokenizer
