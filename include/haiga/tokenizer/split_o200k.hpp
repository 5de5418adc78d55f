#pragma once

#include "haiga/tokenizer/text_runs.hpp"

namespace haiga::tokenizer {

/// The pieces of o200k: letters of one word, first those that may be of upper case, then those that
/// may be of lower, with one character before that is no line break and a contraction behind;
/// numbers by threes; others with a space before and line breaks or slashes behind; white space up
/// to its last line break; white space without its last character.
///
/// Source: openai/tiktoken 0.14, tiktoken_ext/openai_public.py, o200k_base.
struct split_o200k {
    /// Where the piece ends that begins at `at`, which is before `end`, the end of the text.
    static auto piece(character_classes const& classes, char const* at, char const* end)
        -> char const*
    {
        using namespace detail;
        if (auto const* const behind = plain_word<0>(begins, at, end)) {
            return behind;
        }
        auto const first = classes.at(at, end);
        if ((first.kind & char_class::letter) != 0) {
            auto const found = word(classes, at, end);
            return with_contraction(found.lower != nullptr ? found.lower : found.upper, end);
        }
        if ((first.kind & char_class::number) != 0) {
            return run_of_numbers(classes, at + first.length, end, 2);
        }
        auto const* const next = at + first.length;
        if (next != end && (first.kind & char_class::newline) == 0) {
            if (auto const* const found = prefixed(classes, at, next, first, end)) {
                return with_contraction(found, end);
            }
        } else if ((first.kind & char_class::mark) != 0) {
            return next;
        }
        if ((first.kind & char_class::space) == 0) {
            return behind_newlines(run_of_others(classes, next, end), end);
        }
        if (*at == ' ' && next != end) {
            auto const second = classes.at(next, end);
            if ((second.kind & char_class::word) == 0) {
                return behind_newlines(run_of_others(classes, next + second.length, end), end);
            }
        }
        auto const spaces = run_of_spaces(classes, at, end);
        return spaces.behind_newline != nullptr ? spaces.behind_newline
                                                : end_of_spaces(spaces, at, end);
    }

private:
    static constexpr auto begins = detail::beginnings(detail::before_words);

    /// What the two kinds of words match from one place on; nullptr where they do not.
    struct words {
        char const* lower; ///< [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+
        char const* upper; ///< the same with + before *, where the other does not match
    };

    static auto word(character_classes const& classes, char const* from, char const* end) -> words
    {
        using namespace char_class;
        char const* behind_both = nullptr; // of letters without case and marks, the last
        auto const* at = from;
        while (at != end) {
            auto const next = classes.at(at, end);
            if ((next.kind & upper) == 0) {
                if ((next.kind & lower) != 0) {
                    return {detail::run_of<lower>(classes, at + next.length, end), nullptr};
                }
                break;
            }
            at += next.length;
            behind_both = (next.kind & lower) != 0 ? at : behind_both;
        }
        return {behind_both, at != from ? at : nullptr};
    }

    /// A word behind the character at `at`, or from it on where that is a mark.
    static auto prefixed(character_classes const& classes, char const* at, char const* next,
                         classed_character first, char const* end) -> char const*
    {
        auto const behind = word(classes, next, end);
        if (behind.lower != nullptr) {
            return behind.lower;
        }
        return (first.kind & char_class::mark) != 0 ? word(classes, at, end).lower : behind.upper;
    }

    static auto with_contraction(char const* at, char const* end) -> char const*
    {
        return at != end && *at == '\'' ? at + detail::contraction<true>(at, end) : at;
    }

    static auto behind_newlines(char const* at, char const* end) -> char const*
    {
        while (at != end && (*at == '\n' || *at == '\r' || *at == '/')) {
            ++at;
        }
        return at;
    }
};

} // namespace haiga::tokenizer
