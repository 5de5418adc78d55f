#pragma once

#include "haiga/base/result.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/byte_level.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

inline constexpr std::string_view clip_start = "<|startoftext|>";
inline constexpr std::string_view clip_end = "<|endoftext|>";
inline constexpr std::string_view end_of_word = "</w>";
inline constexpr std::size_t clip_merges = 48'894; ///< 49,408 - 2 * 256 - 2

/// Tokens by their numbers, and the two halves of each merge.
struct clip_vocabulary {
    std::vector<std::string> tokens;
    std::vector<std::pair<std::string, std::string>> merges;
};

namespace detail {

inline auto next_line(std::string_view& text) -> std::string_view
{
    auto const end = std::min(text.find('\n'), text.size());
    auto const line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// The words of a line that has two. Errors: invalid, told by its number.
inline auto merge_of(std::string_view line, std::size_t number)
    -> result<std::pair<std::string, std::string>>
{
    auto const gap = line.find(' ');
    if (gap == 0 || gap >= line.size() - 1 || line.find(' ', gap + 1) != line.npos) {
        return fail(errc::invalid, "line ", number, " of CLIP's merges is \"", one_line(line, 80),
                    "\", expected two words");
    }
    return std::pair(std::string(line.substr(0, gap)), std::string(line.substr(gap + 1)));
}

/// In CLIP's order, which puts those that stand for themselves first.
inline auto clip_bytes() -> std::vector<std::string>
{
    std::vector<std::string> characters;
    for (bool const printable : {true, false}) {
        for (unsigned byte = 0; byte < 256; ++byte) {
            if (is_printable_byte(byte) == printable) {
                char const b = static_cast<char>(byte);
                characters.push_back(byte_level({&b, 1}));
            }
        }
    }
    return characters;
}

} // namespace detail

/// Tokens are numbered in this order: 256 bytes, the same bytes ending a word, one for each merge,
/// the start, the end.
///
/// bpe_simple_vocab: the text of CLIP's bpe_simple_vocab_16e6.txt. Its first line is a note, and
/// what follows the merges is not used.
/// Errors: truncated where there are fewer merges; invalid for what is not UTF-8 and, told by its
///         number, for a line that is not two words.
/// Source: openai/CLIP, clip/simple_tokenizer.py.
inline auto read_clip_merges(std::string_view bpe_simple_vocab, std::size_t merges = clip_merges)
    -> result<clip_vocabulary>
{
    if (auto const at = find_invalid_utf8(bpe_simple_vocab)) {
        return tl::unexpected(failure{errc::invalid, "CLIP's merges are not UTF-8", *at});
    }
    clip_vocabulary made{.tokens = detail::clip_bytes(), .merges = {}};
    for (std::size_t i = 0; i < 256; ++i) {
        made.tokens.push_back(made.tokens[i] + std::string(end_of_word));
    }
    detail::next_line(bpe_simple_vocab);
    for (std::size_t i = 0; i < merges; ++i) {
        if (bpe_simple_vocab.empty()) {
            return fail(errc::truncated, "CLIP has ", merges, " merges, found ", i);
        }
        HAIGA_TRY(auto const merge, detail::merge_of(detail::next_line(bpe_simple_vocab), i + 2));
        made.tokens.push_back(merge.first + merge.second);
        made.merges.push_back(merge);
    }
    made.tokens.emplace_back(clip_start);
    made.tokens.emplace_back(clip_end);
    return made;
}

} // namespace haiga::tokenizer
