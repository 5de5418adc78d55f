#pragma once

#include "haiga/checkpoint/architecture.hpp"

namespace haiga::checkpoint {

namespace detail {

inline auto part_keys(model_part const& part) -> std::vector<key_row>
{
    auto const root = part.root();
    switch (part.kind) {
    case part_kind::unet: return unet_keys(std::get<catalog::unet_layout>(part.layout), root);
    case part_kind::controlnet:
        return controlnet_keys(std::get<catalog::controlnet_layout>(part.layout), root);
    case part_kind::vae: return vae_keys(std::get<catalog::vae_layout>(part.layout), root);
    case part_kind::flux: return flux_keys(std::get<catalog::flux_layout>(part.layout), root);
    case part_kind::clip: return clip_keys(std::get<catalog::text_layout>(part.layout), root);
    case part_kind::open_clip:
        return open_clip_keys(std::get<catalog::text_layout>(part.layout), root);
    }
    return {};
}

/// A tensor of a part that one of the namings has no place for.
struct homeless {
    part_kind kind;
    naming of;
    std::string_view name;
    std::string_view why;
};

inline constexpr homeless homeless_of_parts[] = {
    {part_kind::clip, naming::original, "text_model.embeddings.position_ids", "0, 1, 2, ..."},
    {part_kind::clip, naming::diffusers, "text_model.embeddings.position_ids", "0, 1, 2, ..."},
    {part_kind::clip, naming::original, "text_projection.weight", "the state is not pooled"},
    {part_kind::clip, naming::diffusers, "text_projection.weight", "the state is not pooled"},
    {part_kind::clip, naming::original, "logit_scale", "of CLIP's training"},
    {part_kind::clip, naming::original, "vision_model.*", "CLIP's picture encoder"},
    {part_kind::clip, naming::original, "visual_projection.weight", "CLIP's picture encoder"},
    {part_kind::open_clip, naming::original, "logit_scale", "of CLIP's training"},
    {part_kind::open_clip, naming::original, "attn_mask", "a constant"},
    {part_kind::open_clip, naming::original, "visual.*", "CLIP's picture encoder"},
    {part_kind::open_clip, naming::diffusers, "text_model.embeddings.position_ids", "0, 1, 2, ..."},
    {part_kind::vae, naming::original, "loss.*", "of the VAE's training"},
    {part_kind::vae, naming::original, "model_ema.*", "means over the VAE's training"},
};

inline constexpr homeless homeless_of_sd2[] = {
    {part_kind::open_clip, naming::original, "transformer.resblocks.23.*",
     "the state is taken before it"},
    {part_kind::open_clip, naming::original, "text_projection", "the state is not pooled"},
    {part_kind::open_clip, naming::diffusers, "text_projection.weight", "the state is not pooled"},
};

/// Of the training program around the networks.
inline constexpr std::pair<std::string_view, std::string_view> homeless_of_files[] = {
    {"model_ema.*", "means over the training; --ema takes them"},
    {"betas", "of the noise schedule"},
    {"alphas_cumprod", "of the noise schedule"},
    {"alphas_cumprod_prev", "of the noise schedule"},
    {"sqrt_alphas_cumprod", "of the noise schedule"},
    {"sqrt_one_minus_alphas_cumprod", "of the noise schedule"},
    {"log_one_minus_alphas_cumprod", "of the noise schedule"},
    {"sqrt_recip_alphas_cumprod", "of the noise schedule"},
    {"sqrt_recipm1_alphas_cumprod", "of the noise schedule"},
    {"posterior_variance", "of the noise schedule"},
    {"posterior_log_variance_clipped", "of the noise schedule"},
    {"posterior_mean_coef1", "of the noise schedule"},
    {"posterior_mean_coef2", "of the noise schedule"},
    {"denoiser.sigmas", "of the noise schedule"},
    {"lvlb_weights", "of the training"},
    {"logvar", "of the training"},
    {"scale_factor", "of the latents"},
    {"edm_mean", "of the latents"},
    {"edm_std", "of the latents"},
    {"v_pred", "tells the prediction"},
    {"ztsnr", "tells the noise schedule"},
};

inline void add_homeless(key_map& map, model_part const& part, std::span<homeless const> list)
{
    for (auto const& h : list) {
        if (h.kind == part.kind) {
            map.without_place.push_back({h.of, part.root().at(h.name).name(h.of), h.why});
        }
    }
}

} // namespace detail

/// The key map of a model, total and injective by its making: every parameter of every part once.
inline auto model_keys(architecture const& a) -> key_map
{
    key_map map;
    for (auto const& part : a.parts) {
        auto rows = detail::part_keys(part);
        map.rows.insert(map.rows.end(), std::move_iterator(rows.begin()),
                        std::move_iterator(rows.end()));
        detail::add_homeless(map, part, detail::homeless_of_parts);
        if (a.family == catalog::family::sd2) {
            detail::add_homeless(map, part, detail::homeless_of_sd2);
        }
        if (part.kind == part_kind::controlnet && part.prefix == "control_model") {
            for (auto const* const base :
                 {"model.diffusion_model.*", "first_stage_model.*", "cond_stage_model.*"}) {
                map.without_place.push_back(
                    {naming::original, base, "the model that the ControlNet was made for"});
            }
        }
    }
    for (auto const& [name, why] : detail::homeless_of_files) {
        map.without_place.push_back({naming::original, std::string(name), why});
    }
    return map;
}

} // namespace haiga::checkpoint
