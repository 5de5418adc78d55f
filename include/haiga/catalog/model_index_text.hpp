#pragma once

#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/scheduler.hpp"

#include <utility>

namespace haiga::catalog {

/// Diffusers' pipeline for a model. An inpainting refiner or Flux is none that is published.
constexpr auto pipeline_class(family kind, bool inpainting) -> std::string_view
{
    switch (kind) {
    case family::sd1:
    case family::sd2:
        return inpainting ? "StableDiffusionInpaintPipeline" : "StableDiffusionPipeline";
    case family::sdxl:
        return inpainting ? "StableDiffusionXLInpaintPipeline" : "StableDiffusionXLPipeline";
    case family::sdxl_refiner: return "StableDiffusionXLImg2ImgPipeline";
    case family::flux: return "FluxPipeline";
    }
    return "unknown";
}

namespace detail {

inline auto part(std::string_view library, std::string_view name) -> boost::json::array
{
    return {library, name};
}

inline auto no_part() -> boost::json::array { return {nullptr, nullptr}; }

/// Without a safety checker: single files have none.
inline void index_stable_diffusion(boost::json::object& index)
{
    index["feature_extractor"] = no_part();
    index["safety_checker"] = no_part();
    index["requires_safety_checker"] = false;
    index["text_encoder"] = part("transformers", "CLIPTextModel");
    index["tokenizer"] = part("transformers", "CLIPTokenizer");
    index["unet"] = part("diffusers", "UNet2DConditionModel");
}

inline void index_sdxl(boost::json::object& index, bool is_refiner)
{
    index["force_zeros_for_empty_prompt"] = !is_refiner;
    if (is_refiner) {
        index["requires_aesthetics_score"] = true;
    }
    index["text_encoder"] = is_refiner ? no_part() : part("transformers", "CLIPTextModel");
    index["tokenizer"] = is_refiner ? no_part() : part("transformers", "CLIPTokenizer");
    index["text_encoder_2"] = part("transformers", "CLIPTextModelWithProjection");
    index["tokenizer_2"] = part("transformers", "CLIPTokenizer");
    index["unet"] = part("diffusers", "UNet2DConditionModel");
}

inline void index_flux(boost::json::object& index)
{
    index["text_encoder"] = part("transformers", "CLIPTextModel");
    index["tokenizer"] = part("transformers", "CLIPTokenizer");
    index["text_encoder_2"] = part("transformers", "T5EncoderModel");
    index["tokenizer_2"] = part("transformers", "T5TokenizerFast");
    index["transformer"] = part("diffusers", "FluxTransformer2DModel");
}

} // namespace detail

/// model_index.json.
/// Source: the published files; diffusers 0.42.1, the pipelines' __init__.
inline auto model_index_text(family kind, bool inpainting, scheduler steps) -> std::string
{
    boost::json::object index{
        {"scheduler", detail::part("diffusers", class_name(steps))},
        {"vae", detail::part("diffusers", "AutoencoderKL")},
    };
    switch (kind) {
    case family::sd1:
    case family::sd2: detail::index_stable_diffusion(index); break;
    case family::sdxl:
    case family::sdxl_refiner: detail::index_sdxl(index, kind == family::sdxl_refiner); break;
    case family::flux: detail::index_flux(index); break;
    }
    return detail::diffusers_text(pipeline_class(kind, inpainting), std::move(index));
}

} // namespace haiga::catalog
