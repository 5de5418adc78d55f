#pragma once

#include "haiga/tokenizer/text_runs.hpp"

#include <string_view>

namespace haiga::tokenizer {

/// The pieces of GPT-2, r50k and p50k: a contraction in lower case; letters, numbers or others,
/// with a space before; white space without the space that a word takes.
///
/// Source: openai/tiktoken 0.14, tiktoken_ext/openai_public.py, r50k_pat_str.
struct split_gpt2 {
    static constexpr std::string_view pattern =
        R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)";

    /// Where the piece ends that begins at `at`, which is before `end`, the end of the text.
    static auto piece(character_classes const& classes, char const* at, char const* end)
        -> char const*
    {
        using namespace detail;
        if (auto const* const behind = plain_word<0x20>(begins, at, end)) {
            return behind;
        }
        if (*at == '\'') {
            if (auto const length = contraction<false>(at, end); length != 0) {
                return at + length;
            }
        }
        auto const* const word = *at == ' ' && end - at > 1 ? at + 1 : at;
        auto const first = classes.at(word, end);
        if ((first.kind & char_class::letter) != 0) {
            return run_of<char_class::letter>(classes, word + first.length, end);
        }
        if ((first.kind & char_class::number) != 0) {
            return run_of<char_class::number>(classes, word + first.length, end);
        }
        if ((first.kind & char_class::space) == 0) {
            return run_of_others(classes, word + first.length, end);
        }
        return end_of_spaces(run_of_spaces(classes, at, end), at, end);
    }

private:
    static constexpr auto begins = detail::beginnings([](unsigned byte) { return byte == ' '; });
};

} // namespace haiga::tokenizer
