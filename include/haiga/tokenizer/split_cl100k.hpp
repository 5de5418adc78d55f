#pragma once

#include "haiga/tokenizer/text_runs.hpp"

namespace haiga::tokenizer {

/// The pieces of cl100k and of what was made after it: a contraction in any case; letters with one
/// character before that is no line break; numbers, Digits at a time; others with a space before
/// and line breaks behind; white space up to its last line break; white space without its last
/// character.
///
/// WholeTail: white space at the end of the text is one piece, line breaks or not, as in tiktoken
/// 0.14; without it as in files of Hugging Face.
///
/// Source: openai/tiktoken 0.14, tiktoken_ext/openai_public.py, cl100k_base.
template <std::size_t Digits = 3, bool WholeTail = true>
struct split_cl100k {
    /// Where the piece ends that begins at `at`, which is before `end`, the end of the text.
    static auto piece(character_classes const& classes, char const* at, char const* end)
        -> char const*
    {
        using namespace detail;
        if (auto const* const behind = plain_word<0x20>(begins, at, end)) {
            return behind;
        }
        auto const first = classes.at(at, end);
        if ((first.kind & char_class::letter) != 0) {
            return run_of<char_class::letter>(classes, at + first.length, end);
        }
        if ((first.kind & char_class::number) != 0) {
            return run_of_numbers(classes, at + first.length, end, Digits - 1);
        }
        auto const* const next = at + first.length;
        auto const second = next != end ? classes.at(next, end) : classed_character{0, 0};
        if (*at == '\'') {
            if (auto const length = contraction<true>(at, end); length != 0) {
                return at + length;
            }
        }
        if ((second.kind & char_class::letter) != 0 && (first.kind & char_class::newline) == 0) {
            return run_of<char_class::letter>(classes, next + second.length, end);
        }
        if ((first.kind & char_class::space) == 0) {
            return behind_newlines(run_of_others(classes, next, end), end);
        }
        if (*at == ' ' && next != end && (second.kind & char_class::word) == 0) {
            return behind_newlines(run_of_others(classes, next + second.length, end), end);
        }
        auto const spaces = run_of_spaces(classes, at, end);
        if (spaces.behind_newline != nullptr && !(WholeTail && spaces.end == end)) {
            return spaces.behind_newline;
        }
        return end_of_spaces(spaces, at, end);
    }

private:
    static constexpr auto begins = detail::beginnings(detail::before_words);

    static auto behind_newlines(char const* at, char const* end) -> char const*
    {
        while (at != end && (*at == '\n' || *at == '\r')) {
            ++at;
        }
        return at;
    }
};

} // namespace haiga::tokenizer
