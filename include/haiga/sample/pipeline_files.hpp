#pragma once

#include "haiga/checkpoint/lora_edits.hpp"
#include "haiga/sample/pipeline_config.hpp"
#include "haiga/tokenizer/clip_files.hpp"

#include <filesystem>
#include <vector>

namespace haiga::sample {

struct open_options {
    /// A Diffusers tokenizer's folder, or CLIP's bpe_simple_vocab_16e6.txt (also .gz): for models
    /// without one, as single files are.
    std::filesystem::path tokenizer{};
    std::optional<catalog::prediction> prediction{}; ///< where the files do not tell, or tell wrong
    tokenizer::clip_cleaning cleaning = tokenizer::clip_cleaning::hugging_face;
    std::vector<checkpoint::lora_choice> loras{}; ///< added to the weights as they are loaded
};

/// A Stable Diffusion as it was found: what is read before any weight is.
struct pipeline_files {
    checkpoint::model_source source;
    pipeline_config config;
    std::vector<tokenizer::clip> tokenizers; ///< as many as config.text
    std::vector<checkpoint::lora_choice> loras;
};

namespace detail {

/// Of text_encoder the folder is tokenizer, of text_encoder_2 tokenizer_2.
inline auto tokenizer_of(pipeline_files const& files, std::string const& component,
                         open_options const& options) -> result<tokenizer::clip>
{
    bool const second = component == "text_encoder_2";
    auto const own = files.source.path / (second ? "tokenizer_2" : "tokenizer");
    auto const& given = options.tokenizer;
    std::error_code error;
    if (given.empty() && files.source.folder && std::filesystem::is_directory(own, error)) {
        return tokenizer::open_clip(own, options.cleaning).map_error([&](failure&& f) {
            return std::move(f).within(own.string());
        });
    }
    if (given.empty()) {
        return fail(
            errc::not_found, files.source.path.string(),
            ": has no tokenizer of its own; "
            "give CLIP's bpe_simple_vocab_16e6.txt, or the tokenizer of a Diffusers folder");
    }
    auto const named = [&](failure&& f) { return std::move(f).within(given.string()); };
    if (std::filesystem::is_directory(given, error)) {
        return tokenizer::open_clip(given, options.cleaning).map_error(named);
    }
    auto const place =
        second ? catalog::tokenizer_place::tokenizer_2 : catalog::tokenizer_place::tokenizer;
    return tokenizer::open_clip_merges(
               given, {.cleaning = options.cleaning,
                       .padding = catalog::clip_padding(files.config.family, place)})
        .map_error(named);
}

} // namespace detail

/// Opens a Stable Diffusion, whatever its form: a Diffusers folder, a safetensors or a torch file.
/// Only headers, configurations and vocabularies are read.
/// Errors: those of open_model, read_pipeline and the tokenizers; they name the file.
inline auto open_pipeline(std::filesystem::path const& path, open_options const& options = {})
    -> result<pipeline_files>
{
    HAIGA_TRY(auto source, checkpoint::open_model(path));
    pipeline_files files{std::move(source), {}, {}, options.loras};
    HAIGA_TRY(files.config, read_pipeline(files.source, options.prediction));
    for (auto const& [component, config] : files.config.text) {
        HAIGA_TRY(auto tokenizer, detail::tokenizer_of(files, component, options));
        files.tokenizers.push_back(std::move(tokenizer));
    }
    return files;
}

} // namespace haiga::sample
