#pragma once

#include "haiga/catalog/layout.hpp"

// The layouts of published models. in_channels: 9 for inpainting, which sees the noisy latents, the
// mask, and the latents of what the mask leaves.
// Source: the config.json files of the repositories in base_models.hpp; for the refiner
//         sd_xl_refiner.yaml of Stability-AI/generative-models.

namespace haiga::catalog {

inline auto sd1_unet(std::int64_t in_channels = 4) -> unet_layout
{
    unet_layout unet;
    unet.in_channels = in_channels;
    return unet;
}

inline auto sd2_unet(std::int64_t in_channels = 4) -> unet_layout
{
    auto unet = sd1_unet(in_channels);
    unet.context = 1024;
    unet.linear_projection = true;
    return unet;
}

/// added: the pooled text's 1280 channels and 256 for each of six numbers of sizes and crops.
inline auto sdxl_unet(std::int64_t in_channels = 4) -> unet_layout
{
    auto unet = sd1_unet(in_channels);
    unet.channels = {320, 640, 1280};
    unet.depths = {0, 2, 10};
    unet.mid_depth = 10;
    unet.context = 2048;
    unet.linear_projection = true;
    unet.added = 1280 + 6 * 256;
    return unet;
}

/// added: an aesthetic score stands for the two numbers of the wanted size.
inline auto refiner_unet() -> unet_layout
{
    unet_layout unet;
    unet.channels = {384, 768, 1536, 1536};
    unet.depths = {0, 4, 4, 0};
    unet.mid_depth = 4;
    unet.context = 1280;
    unet.linear_projection = true;
    unet.time_width = 1536;
    unet.added = 1280 + 5 * 256;
    return unet;
}

/// OpenAI's CLIP ViT-L/14.
inline auto clip_l() -> text_layout { return {}; }

/// OpenCLIP's ViT-H/14 without the last of its 24 layers, which Stable Diffusion 2 does not use.
inline auto clip_h() -> text_layout
{
    text_layout text;
    text.width = 1024;
    text.hidden = 4096;
    text.layers = 23;
    return text;
}

/// OpenCLIP's ViT-bigG/14.
inline auto clip_g() -> text_layout
{
    text_layout text;
    text.width = 1280;
    text.hidden = 5120;
    text.layers = 32;
    text.projection = 1280;
    return text;
}

inline auto flux_vae() -> vae_layout
{
    vae_layout vae;
    vae.latent_channels = 16;
    return vae;
}

} // namespace haiga::catalog
