#pragma once

#include "haiga/base/result.hpp"
#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/family.hpp"
#include "haiga/tokenizer/clip_vocabulary.hpp"

#include <utility>

namespace haiga::catalog {

using tokenizer::clip_end;
using tokenizer::clip_merges;
using tokenizer::clip_start;

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

/// bpe_simple_vocab: the text of CLIP's bpe_simple_vocab_16e6.txt.
/// Errors: those of tokenizer::read_clip_merges; invalid where merges give a token twice.
inline auto clip_tokenizer_files(std::string_view bpe_simple_vocab,
                                 std::size_t merges = clip_merges) -> result<clip_tokenizer>
{
    HAIGA_TRY(auto const parts, tokenizer::read_clip_merges(bpe_simple_vocab, merges));
    clip_tokenizer files{.vocabulary = {}, .merges = "#version: 0.2\n"};
    for (auto const& [left, right] : parts.merges) {
        files.merges.append(left).append(" ").append(right).append("\n");
    }
    boost::json::object vocabulary;
    for (auto const& token : parts.tokens) {
        vocabulary.emplace(token, vocabulary.size());
    }
    if (vocabulary.size() != parts.tokens.size()) {
        return fail(errc::invalid, "CLIP's merges give ", parts.tokens.size() - vocabulary.size(),
                    " tokens twice");
    }
    files.vocabulary = json::pretty(vocabulary);
    return files;
}

} // namespace haiga::catalog
