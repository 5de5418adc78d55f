#pragma once

#include "haiga/base/result.hpp"
#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/family.hpp"
#include "haiga/catalog/layout.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace haiga::catalog {

namespace detail {

/// Diffusers has one number for the last level and the middle, and reads none of a level without
/// transformers.
inline auto transformer_layers(unet_layout const& unet) -> result<boost::json::value>
{
    std::set<int> depths(unet.depths.begin(), unet.depths.end());
    depths.insert(unet.mid_depth);
    depths.erase(0);
    if (depths.size() < 2) {
        return depths.empty() ? 1 : *depths.begin();
    }
    auto each = unet.depths;
    if (each.back() != 0 && unet.mid_depth != 0 && each.back() != unet.mid_depth) {
        return fail(errc::unsupported, "Diffusers has no UNet with transformers of ", each.back(),
                    " blocks on its last level and of ", unet.mid_depth, " in the middle");
    }
    std::ranges::replace(each, 0, 1);
    each.back() = std::max(each.back(), unet.mid_depth);
    return json_list(each);
}

/// attention_head_dim is the number of heads, whatever its name says: 8 in Stable Diffusion 1,
/// later as many as have 64 channels each. No tensor tells it: for a UNet unlike theirs it is a
/// guess.
/// Source: diffusers 0.42.1, UNet2DConditionModel.__init__.
inline auto attention_heads(unet_layout const& unet, family kind) -> boost::json::value
{
    if (kind == family::sd1) {
        return groups_of(8, unet.channels);
    }
    boost::json::array heads;
    for (auto const channels : unet.channels) {
        heads.emplace_back(heads_of(channels));
    }
    return heads;
}

inline auto block_types(std::vector<int> const& depths, std::string_view way) -> boost::json::array
{
    boost::json::array types;
    for (int const depth : depths) {
        types.emplace_back(concat(depth > 0 ? "CrossAttn" : "", way, "Block2D"));
    }
    return types;
}

/// What UNets and ControlNets have in common.
inline auto way_down(unet_layout const& unet, family kind) -> result<boost::json::object>
{
    if (unet.channels.empty() || unet.channels.size() != unet.depths.size()) {
        return fail(errc::invalid, "a UNet with ", unet.channels.size(), " levels and ",
                    unet.depths.size(), " depths of transformers");
    }
    HAIGA_TRY(auto layers, transformer_layers(unet));
    boost::json::object config{
        {"act_fn", "silu"},
        {"attention_head_dim", attention_heads(unet, kind)},
        {"block_out_channels", json_list(unet.channels)},
        {"cross_attention_dim", unet.context},
        {"down_block_types", block_types(unet.depths, "Down")},
        {"downsample_padding", 1},
        {"flip_sin_to_cos", true},
        {"freq_shift", 0},
        {"in_channels", unet.in_channels},
        {"layers_per_block", unet.layers},
        {"mid_block_scale_factor", 1},
        {"mid_block_type", unet.mid_depth > 0 ? "UNetMidBlock2DCrossAttn" : "UNetMidBlock2D"},
        {"norm_eps", 1e-5},
        {"norm_num_groups", groups_of(32, unet.channels)},
        {"transformer_layers_per_block", std::move(layers)},
        {"use_linear_projection", unet.linear_projection},
    };
    if (unet.added) {
        config["addition_embed_type"] = "text_time";
        config["addition_time_embed_dim"] = 256;
        config["projection_class_embeddings_input_dim"] = *unet.added;
    }
    return config;
}

} // namespace detail

/// unet/config.json. resolution: a side of the pictures it was trained on, in pixels.
///
/// Errors: invalid where channels and depths are not of the same levels; unsupported for a layout
///         that UNet2DConditionModel cannot have.
/// Source: diffusers 0.42.1, create_unet_diffusers_config_from_ldm, and the published files.
inline auto unet_config_text(unet_layout const& unet, family kind, std::int64_t resolution)
    -> result<std::string>
{
    HAIGA_TRY(auto config, detail::way_down(unet, kind));
    auto const from_below = std::vector<int>(unet.depths.rbegin(), unet.depths.rend());
    config["center_input_sample"] = false;
    config["out_channels"] = unet.out_channels;
    config["sample_size"] = resolution / 8;
    config["up_block_types"] = detail::block_types(from_below, "Up");
    if (unet.time_width != 4 * unet.channels.front()) {
        config["time_embedding_dim"] = unet.time_width;
    }
    if (kind == family::sd2 && resolution > 512) {
        config["upcast_attention"] = true; // at 768 its scores exceed fp16
    }
    return detail::diffusers_text("UNet2DConditionModel", std::move(config));
}

/// config.json of a ControlNet.
///
/// Errors: as of unet_config_text.
/// Source: diffusers 0.42.1, create_controlnet_diffusers_config_from_ldm.
inline auto controlnet_config_text(controlnet_layout const& controlnet, family kind)
    -> result<std::string>
{
    auto const& unet = controlnet.unet;
    HAIGA_TRY(auto config, detail::way_down(unet, kind));
    if (unet.time_width != 4 * unet.channels.front()) {
        return fail(errc::unsupported, "Diffusers has no ControlNet with a time embedding of ",
                    unet.time_width, " channels on ", unet.channels.front());
    }
    config["conditioning_channels"] = controlnet.hint_channels;
    config["conditioning_embedding_out_channels"] = detail::json_list(controlnet.hint);
    config["controlnet_conditioning_channel_order"] = "rgb";
    return detail::diffusers_text("ControlNetModel", std::move(config));
}

} // namespace haiga::catalog
