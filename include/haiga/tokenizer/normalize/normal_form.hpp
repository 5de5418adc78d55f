#pragma once

#include "haiga/tokenizer/nfc.hpp"
#include "haiga/tokenizer/normalize/aligned_text.hpp"
#include "haiga/tokenizer/normalize/compatibility_tables.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// Unicode's normalization forms.
enum class normal_form : std::uint8_t { nfc, nfd, nfkc, nfkd };

namespace detail {

/// Calls emit(character) for every character that another one decomposes to.
template <class Emit>
void each_decomposed(char32_t c, bool compatibility, Emit const& emit)
{
    if (c < 0xa0) {
        emit(c);
        return;
    }
    if (compatibility) {
        auto const* const found = std::ranges::lower_bound(unicode::compatibilities, c, {},
                                                           &unicode::compatibility::whole);
        if (found != std::end(unicode::compatibilities) && found->whole == c) {
            for (std::size_t i = 0; i < found->length; ++i) {
                emit(unicode::compatibility_texts[found->at + i]);
            }
            return;
        }
    }
    auto const parts = decompose(c); // of two, only the first decomposes again
    if (parts.first == 0) {
        emit(c);
        return;
    }
    each_decomposed(parts.first, compatibility, emit);
    if (parts.second != 0) {
        each_decomposed(parts.second, compatibility, emit);
    }
}

/// Characters in canonical order, composed or not, with what they take the place of.
///
/// Which old character a new one goes with follows from its place alone, as in Hugging Face's
/// iterators: a mark that moves takes its mark of being new along.
/// Source: Unicode 16.0, 3.11; n1t0/unicode-normalization 0.1.12, src/{de,re}compose.rs.
class form_writer {
public:
    form_writer(rewriter& to, normal_form form)
        : to_(to), composes_(form == normal_form::nfc || form == normal_form::nfkc),
          compatibility_(form == normal_form::nfkc || form == normal_form::nfkd)
    {
    }

    void add(char32_t c)
    {
        int change = 0;
        each_decomposed(c, compatibility_, [&](char32_t each) {
            auto const combining = combining_class(each);
            if (combining == 0) {
                settle();
            }
            waiting_.push_back({each, change, combining});
            change = 1;
        });
    }

    /// After the last character, and before others are kept as they are.
    void finish()
    {
        settle();
        if (starter_) {
            write();
        }
    }

private:
    struct part {
        char32_t character;
        int change;
        unsigned combining;
    };

    void settle()
    {
        if (waiting_.size() > 1) {
            std::ranges::stable_sort(waiting_, {}, &part::combining);
        }
        for (auto const& p : waiting_) {
            composes_ ? compose_with(p) : to_.put(p.character, p.change);
        }
        waiting_.clear();
    }

    void compose_with(part const& p)
    {
        if (!starter_) {
            p.combining != 0 ? to_.put(p.character, p.change) : begin(p);
            return;
        }
        if (marks_.empty() || marks_.back().combining < p.combining) {
            if (auto const whole = compose(starter_->character, p.character); whole != 0) {
                starter_->character = whole;
                starter_->change += p.change - 1;
                return;
            }
        }
        if (p.combining == 0) {
            write();
            begin(p);
        } else {
            marks_.push_back(p);
        }
    }

    void begin(part const& p) { starter_ = p; }

    void write()
    {
        to_.put(starter_->character, starter_->change);
        for (auto const& mark : marks_) {
            to_.put(mark.character, mark.change);
        }
        marks_.clear();
        starter_.reset();
    }

    rewriter& to_;
    bool composes_, compatibility_;
    std::vector<part> waiting_, marks_;
    std::optional<part> starter_;
};

} // namespace detail

/// Everything that is left to rewrite, in a normalization form.
inline void normalize(rewriter& to, normal_form form)
{
    detail::form_writer writer(to, form);
    // the characters are read ahead of what is written: from a view, which stays
    auto text = to.rest();
    while (!text.empty()) {
        auto ascii = ascii_length(text);
        if (ascii > 1 || ascii == text.size()) {
            writer.finish();
            ascii -= ascii < text.size() ? 1U : 0U; // what follows may compose with the last
            to.keep(ascii);
            text.remove_prefix(ascii);
            continue;
        }
        writer.add(take_utf8(text));
    }
    writer.finish();
}

} // namespace haiga::tokenizer
