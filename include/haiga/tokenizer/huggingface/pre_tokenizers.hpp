#pragma once

#include "haiga/tokenizer/huggingface/normalizers.hpp"
#include "haiga/tokenizer/pretokenize/pieces.hpp"
#include "haiga/tokenizer/split_rule.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// The pre-tokenizers of a tokenizer.json: each cuts pieces of a text into smaller ones.
// Source: huggingface/tokenizers 0.23, src/pre_tokenizers.

namespace haiga::tokenizer::huggingface {

struct bert_words {};
struct byte_level_words {
    bool add_prefix_space = true, split = true;
};
struct delimited {
    char32_t delimiter = U' ';
};
struct marked_spaces { ///< "Metaspace"
    enum class mark : std::uint8_t { always, first, never };
    std::string replacement = "\xe2\x96\x81";
    mark prepend = mark::always;
    bool split = true;
};
struct words_and_others {}; ///< "Whitespace"
struct space_separated {};  ///< "WhitespaceSplit"
struct punctuation_apart {
    separator_use use = separator_use::isolated;
};
struct digits_apart {
    bool single = false;
};
struct script_runs {};
struct fixed_lengths {
    std::size_t length = 5;
};
struct pattern_split {
    std::variant<literal_pattern, run_pattern, split_rule> pattern;
    separator_use use = separator_use::isolated;
    bool invert = false;
};

using pre_tokenizer = std::variant<bert_words, byte_level_words, delimited, marked_spaces,
                                   words_and_others, space_separated, punctuation_apart,
                                   digits_apart, script_runs, fixed_lengths, pattern_split>;

namespace detail {

/// Parts that a rule cuts a text into, all of them matches.
inline void split_by_rule(text_pieces& pieces, split_rule rule, separator_use use, bool invert)
{
    auto const& classes = character_classes::get();
    with_splitter(rule, [&](auto splitter) {
        split_at(pieces, use, invert, [&](std::string_view view, std::size_t from) {
            auto const* const at = view.data() + from;
            auto const* const end =
                decltype(splitter)::piece(classes, at, view.data() + view.size());
            return std::pair(from, static_cast<std::size_t>(end - at));
        });
    });
}

inline void cut(text_pieces& pieces, bert_words const&)
{
    split_at_characters(pieces, separator_use::removed, is_white_space);
    split_at_characters(pieces, separator_use::isolated,
                        [](char32_t c) { return is_punctuation(c); });
}

inline void cut(text_pieces& pieces, byte_level_words const& words)
{
    if (words.add_prefix_space) {
        rewrite_pieces(pieces, [&](rewriter& to, text_piece const&) {
            to.rest().starts_with(' ') ? to.keep(to.rest().size()) : apply(to, prepend_text{" "});
        });
    }
    if (words.split) {
        split_by_rule(pieces, split_rule::gpt2, separator_use::isolated, false);
    }
    rewrite_pieces(pieces,
                   [&](rewriter& to, text_piece const&) { apply(to, byte_characters_of{}); });
}

inline void cut(text_pieces& pieces, delimited const& d)
{
    split_at_characters(pieces, separator_use::removed,
                        [&](char32_t c) { return c == d.delimiter; });
}

inline void cut(text_pieces& pieces, marked_spaces const& spaces)
{
    using mark = marked_spaces::mark;
    auto const& sign = spaces.replacement;
    text_pieces const& old = pieces;
    rewrite_pieces(pieces, [&](rewriter& to, text_piece const& piece) {
        auto const view = to.rest();
        bool const marked = view.starts_with(' ') || view.starts_with(sign);
        if (!view.empty() && !marked &&
            (spaces.prepend == mark::always ||
             (spaces.prepend == mark::first && old.source_begin(piece) == 0))) {
            auto rest = view;
            auto const first = take_utf8(rest);
            to.replace(sign);
            to.put(first, 1);
        }
        for (auto rest = to.rest(); !rest.empty(); rest = to.rest()) {
            auto const at = std::min(rest.find(' '), rest.size());
            to.keep(at);
            if (at < rest.size()) {
                to.replace(sign);
            }
        }
    });
    if (spaces.split) {
        split_at(pieces, separator_use::merged_with_next, false,
                 [&](std::string_view view, std::size_t from) {
                     return literal_pattern{sign}.find(view, from);
                 });
    }
}

inline void cut(text_pieces& pieces, words_and_others const&)
{
    // \w+|[^\w\s]+ are what stays
    split_pieces(pieces, separator_use::removed,
                 [&](std::string_view view, std::vector<marked_part>& parts) {
                     auto const kind = [](char32_t c) {
                         return is_word(c) ? 2 : is_white_space(c) ? 0 : 1;
                     };
                     std::size_t begin = 0;
                     int before = -1;
                     for (auto rest = view; !rest.empty();) {
                         auto const at = view.size() - rest.size();
                         auto const now = kind(take_utf8(rest));
                         if (now != before && at > begin) {
                             parts.push_back({begin, at, before == 0});
                             begin = at;
                         }
                         before = now;
                     }
                     parts.push_back({begin, view.size(), before == 0});
                 });
}

inline void cut(text_pieces& pieces, space_separated const&)
{
    split_at_characters(pieces, separator_use::removed, is_white_space);
}

inline void cut(text_pieces& pieces, punctuation_apart const& punctuation)
{
    split_at_characters(pieces, punctuation.use, [](char32_t c) { return is_punctuation(c); });
}

inline void cut(text_pieces& pieces, digits_apart const& digits)
{
    split_at_characters(pieces, digits.single ? separator_use::isolated : separator_use::contiguous,
                        is_numeric);
}

inline void cut(text_pieces& pieces, script_runs const&)
{
    // what comes before the first character of any script is left out, as in the source
    split_pieces(pieces, separator_use::removed,
                 [](std::string_view view, std::vector<marked_part>& parts) {
                     unsigned last = 0;
                     std::size_t begin = 0;
                     bool begun = false;
                     for (auto rest = view; !rest.empty();) {
                         auto const at = view.size() - rest.size();
                         auto const script = script_number(take_utf8(rest));
                         if (script == 0 || script == last) {
                             continue;
                         }
                         if (begun) {
                             parts.push_back({begin, at, false});
                         }
                         begun = true;
                         begin = at;
                         last = script;
                     }
                     if (begun) {
                         parts.push_back({begin, view.size(), false});
                     }
                 });
}

inline void cut(text_pieces& pieces, fixed_lengths const& fixed)
{
    split_pieces(pieces, separator_use::removed,
                 [&](std::string_view view, std::vector<marked_part>& parts) {
                     auto rest = view;
                     while (!rest.empty()) {
                         auto const begin = view.size() - rest.size();
                         for (std::size_t i = 0; i < fixed.length && !rest.empty(); ++i) {
                             take_utf8(rest);
                         }
                         parts.push_back({begin, view.size() - rest.size(), false});
                     }
                 });
}

inline void cut(text_pieces& pieces, pattern_split const& split)
{
    if (auto const* const rule = std::get_if<split_rule>(&split.pattern)) {
        split_by_rule(pieces, *rule, split.use, split.invert);
        return;
    }
    auto const by = [&](auto const& pattern) {
        split_at(pieces, split.use, split.invert,
                 [&](std::string_view view, std::size_t from) { return pattern.find(view, from); });
    };
    if (auto const* const literal = std::get_if<literal_pattern>(&split.pattern)) {
        by(*literal);
    } else {
        by(std::get<run_pattern>(split.pattern));
    }
}

} // namespace detail

/// Cuts pieces by one pre-tokenizer after the other.
inline void pre_tokenize(text_pieces& pieces, std::vector<pre_tokenizer> const& steps)
{
    for (auto const& step : steps) {
        std::visit([&](auto const& s) { detail::cut(pieces, s); }, step);
    }
}

/// Whether a pre-tokenizer asks where in the source a piece begins.
inline auto needs_source(std::vector<pre_tokenizer> const& steps) -> bool
{
    return std::ranges::any_of(steps, [](pre_tokenizer const& step) {
        auto const* const spaces = std::get_if<marked_spaces>(&step);
        return spaces != nullptr && spaces->prepend == marked_spaces::mark::first;
    });
}

} // namespace haiga::tokenizer::huggingface
