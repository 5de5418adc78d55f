#pragma once

#include "haiga/base/result.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/family.hpp"

#include <algorithm>
#include <utility>

namespace haiga::catalog {

inline constexpr std::string_view clip_start = "<|startoftext|>";
inline constexpr std::string_view clip_end = "<|endoftext|>";
inline constexpr std::size_t clip_merges = 48'894; ///< 49,408 - 2 * 256 - 2

/// Which of a pipeline's tokenizers: SDXL has two.
enum class tokenizer_place : std::uint8_t { tokenizer, tokenizer_2 };

/// What fills up a short prompt: OpenCLIP's text encoders learned with the token 0.
/// Source: special_tokens_map.json of Stable Diffusion 1.5, 2.1 and SDXL's two.
constexpr auto clip_padding(family kind, tokenizer_place place) -> std::string_view
{
    return kind == family::sd2 || place == tokenizer_place::tokenizer_2 ? "!" : clip_end;
}

inline auto special_tokens_map_text(std::string_view padding) -> std::string
{
    return detail::config_text({
        {"bos_token", clip_start},
        {"eos_token", clip_end},
        {"pad_token", padding},
        {"unk_token", clip_end},
    });
}

inline auto tokenizer_config_text(std::string_view padding) -> std::string
{
    return detail::config_text({
        {"add_prefix_space", false},
        {"bos_token", clip_start},
        {"do_lower_case", true},
        {"eos_token", clip_end},
        {"errors", "replace"},
        {"model_max_length", 77},
        {"pad_token", padding},
        {"tokenizer_class", "CLIPTokenizer"},
        {"unk_token", clip_end},
    });
}

/// The two files that a CLIPTokenizer is made from.
struct clip_tokenizer {
    std::string vocabulary; ///< vocab.json
    std::string merges;     ///< merges.txt
};

namespace detail {

/// The characters that stand for bytes: printable ones for themselves, the others from U+0100 on;
/// in CLIP's order.
/// Source: openai/CLIP, clip/simple_tokenizer.py, bytes_to_unicode.
inline auto byte_characters() -> std::vector<std::string>
{
    auto const stands_for_itself = [](unsigned byte) {
        return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte != 0xad);
    };
    std::vector<std::string> characters;
    auto const add = [&](unsigned c) {
        auto& text = characters.emplace_back();
        if (c >= 0x80) {
            text += static_cast<char>(0xc0U | c >> 6U);
        }
        text += static_cast<char>(c < 0x80 ? c : 0x80U | (c & 0x3fU));
    };
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (stands_for_itself(byte)) {
            add(byte);
        }
    }
    for (unsigned c = 256; characters.size() < 256; ++c) {
        add(c);
    }
    return characters;
}

inline auto next_line(std::string_view& text) -> std::string_view
{
    auto const end = std::min(text.find('\n'), text.size());
    auto const line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
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
inline auto clip_tokenizer_files(std::string_view bpe_simple_vocab,
                                 std::size_t merges = clip_merges) -> result<clip_tokenizer>
{
    if (auto const at = find_invalid_utf8(bpe_simple_vocab)) {
        return tl::unexpected(failure{errc::invalid, "CLIP's merges are not UTF-8", *at});
    }
    auto tokens = detail::byte_characters();
    for (std::size_t i = 0; i < 256; ++i) {
        tokens.push_back(tokens[i] + "</w>");
    }
    clip_tokenizer files{.vocabulary = {}, .merges = "#version: 0.2\n"};
    detail::next_line(bpe_simple_vocab);
    for (std::size_t i = 0; i < merges; ++i) {
        if (bpe_simple_vocab.empty()) {
            return fail(errc::truncated, "CLIP has ", merges, " merges, found ", i);
        }
        auto const line = detail::next_line(bpe_simple_vocab);
        auto const gap = line.find(' ');
        if (gap == 0 || gap >= line.size() - 1 || line.find(' ', gap + 1) != line.npos) {
            return fail(errc::invalid, "line ", i + 2, " of CLIP's merges is \"",
                        one_line(line, 80), "\", expected two words");
        }
        tokens.push_back(concat(line.substr(0, gap), line.substr(gap + 1)));
        files.merges.append(line).append("\n");
    }
    tokens.emplace_back(clip_start);
    tokens.emplace_back(clip_end);
    boost::json::object vocabulary;
    for (auto const& token : tokens) {
        vocabulary.emplace(token, vocabulary.size());
    }
    if (vocabulary.size() != tokens.size()) {
        return fail(errc::invalid, "CLIP's merges give ", tokens.size() - vocabulary.size(),
                    " tokens twice");
    }
    files.vocabulary = json::pretty(vocabulary);
    return files;
}

} // namespace haiga::catalog
