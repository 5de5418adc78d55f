#pragma once

#include "haiga/catalog/clip_tokenizer_text.hpp"
#include "haiga/catalog/flux_config_text.hpp"
#include "haiga/catalog/model_index_text.hpp"
#include "haiga/catalog/scheduler_config_text.hpp"
#include "haiga/catalog/text_config_text.hpp"
#include "haiga/catalog/unet_config_text.hpp"
#include "haiga/catalog/vae_config_text.hpp"
#include "haiga/checkpoint/architecture.hpp"

#include <map>

namespace haiga::checkpoint {

/// Texts of a folder by the names of their files.
using folder_texts = std::map<std::string, std::string>;

namespace detail {

/// Units: pixels.
inline auto resolution_of(catalog::family family, catalog::prediction prediction) -> std::int64_t
{
    switch (family) {
    case catalog::family::sd1: return 512;
    case catalog::family::sd2: return prediction == catalog::prediction::v_prediction ? 768 : 512;
    default: return 1024;
    }
}

inline auto part_text(model_part const& part, catalog::family family, std::int64_t resolution)
    -> result<std::string>
{
    using namespace catalog;
    if (auto const* const unet = std::get_if<unet_layout>(&part.layout)) {
        return unet_config_text(*unet, family, resolution);
    }
    if (auto const* const net = std::get_if<controlnet_layout>(&part.layout)) {
        return controlnet_config_text(*net, family);
    }
    if (auto const* const vae = std::get_if<vae_layout>(&part.layout)) {
        return vae_config_text(*vae, family, resolution);
    }
    if (auto const* const flux = std::get_if<flux_layout>(&part.layout)) {
        return flux_config_text(*flux);
    }
    return text_config_text(std::get<text_layout>(part.layout), part.kind == part_kind::clip
                                                                    ? clip_origin::openai
                                                                    : clip_origin::openclip);
}

inline void add_tokenizer(folder_texts& texts, std::string const& folder, std::string_view padding,
                          std::optional<catalog::clip_tokenizer> const& tokenizer)
{
    texts[folder + "/special_tokens_map.json"] = catalog::special_tokens_map_text(padding);
    texts[folder + "/tokenizer_config.json"] = catalog::tokenizer_config_text(padding);
    if (tokenizer) {
        texts[folder + "/vocab.json"] = tokenizer->vocabulary;
        texts[folder + "/merges.txt"] = tokenizer->merges;
    }
}

} // namespace detail

/// The configurations of a folder for a model that came as one file. A VAE alone, which tells no
/// family, is taken for one of Stable Diffusion 1; with 16 channels for Flux's.
/// Errors: those of the catalogue for a layout that no configuration can say.
inline auto make_folder_texts(architecture const& a, catalog::prediction prediction,
                              std::optional<catalog::clip_tokenizer> const& tokenizer)
    -> result<folder_texts>
{
    using namespace catalog;
    constexpr std::int64_t flux_channels = 16;
    auto const* const vae = a.layout<vae_layout>("vae");
    bool const of_flux = vae != nullptr && vae->latent_channels == flux_channels;
    auto const family = a.family.value_or(of_flux ? family::flux : family::sd1);
    auto const resolution = detail::resolution_of(family, prediction);
    folder_texts texts;
    for (auto const& part : a.parts) {
        HAIGA_TRY(texts[a.whole ? part.component + "/config.json" : "config.json"],
                  detail::part_text(part, family, resolution));
    }
    if (!a.whole) {
        return texts;
    }
    auto const steps = default_scheduler(family, prediction);
    texts["model_index.json"] = model_index_text(family, a.inpaints(), steps);
    texts["scheduler/scheduler_config.json"] = scheduler_config_text(steps, prediction);
    if (a.part("text_encoder") != nullptr) {
        detail::add_tokenizer(texts, "tokenizer", clip_padding(family, tokenizer_place::tokenizer),
                              tokenizer);
    }
    if (a.part("text_encoder_2") != nullptr) {
        detail::add_tokenizer(texts, "tokenizer_2",
                              clip_padding(family, tokenizer_place::tokenizer_2), tokenizer);
    }
    return texts;
}

} // namespace haiga::checkpoint
