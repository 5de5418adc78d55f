#pragma once

#include "haiga/json/parse.hpp"
#include "haiga/model/unet_config_json.hpp"

#include <doctest/doctest.h>

namespace haiga::test {

/// unet/config.json of stable-diffusion-v1-5/stable-diffusion-v1-5 on the Hugging Face hub.
inline constexpr std::string_view sd_1_5 = R"({
  "_class_name": "UNet2DConditionModel",
  "_diffusers_version": "0.6.0",
  "act_fn": "silu",
  "attention_head_dim": 8,
  "block_out_channels": [320, 640, 1280, 1280],
  "center_input_sample": false,
  "cross_attention_dim": 768,
  "down_block_types": [
    "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"
  ],
  "downsample_padding": 1,
  "flip_sin_to_cos": true,
  "freq_shift": 0,
  "in_channels": 4,
  "layers_per_block": 2,
  "mid_block_scale_factor": 1,
  "norm_eps": 1e-05,
  "norm_num_groups": 32,
  "out_channels": 4,
  "sample_size": 64,
  "up_block_types": [
    "UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"
  ]
})";

/// unet/config.json of stabilityai/stable-diffusion-2-1.
inline constexpr std::string_view sd_2_1 = R"({
  "_class_name": "UNet2DConditionModel",
  "_diffusers_version": "0.10.0.dev0",
  "act_fn": "silu",
  "attention_head_dim": [5, 10, 20, 20],
  "block_out_channels": [320, 640, 1280, 1280],
  "center_input_sample": false,
  "cross_attention_dim": 1024,
  "down_block_types": [
    "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"
  ],
  "downsample_padding": 1,
  "dual_cross_attention": false,
  "flip_sin_to_cos": true,
  "freq_shift": 0,
  "in_channels": 4,
  "layers_per_block": 2,
  "mid_block_scale_factor": 1,
  "norm_eps": 1e-05,
  "norm_num_groups": 32,
  "num_class_embeds": null,
  "only_cross_attention": false,
  "out_channels": 4,
  "sample_size": 96,
  "up_block_types": [
    "UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"
  ],
  "use_linear_projection": true,
  "upcast_attention": true
})";

/// unet/config.json of stabilityai/stable-diffusion-xl-base-1.0.
inline constexpr std::string_view sdxl_base = R"({
  "_class_name": "UNet2DConditionModel",
  "_diffusers_version": "0.19.0.dev0",
  "act_fn": "silu",
  "addition_embed_type": "text_time",
  "addition_embed_type_num_heads": 64,
  "addition_time_embed_dim": 256,
  "attention_head_dim": [5, 10, 20],
  "block_out_channels": [320, 640, 1280],
  "center_input_sample": false,
  "class_embed_type": null,
  "class_embeddings_concat": false,
  "conv_in_kernel": 3,
  "conv_out_kernel": 3,
  "cross_attention_dim": 2048,
  "cross_attention_norm": null,
  "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
  "downsample_padding": 1,
  "dual_cross_attention": false,
  "encoder_hid_dim": null,
  "encoder_hid_dim_type": null,
  "flip_sin_to_cos": true,
  "freq_shift": 0,
  "in_channels": 4,
  "layers_per_block": 2,
  "mid_block_only_cross_attention": null,
  "mid_block_scale_factor": 1,
  "mid_block_type": "UNetMidBlock2DCrossAttn",
  "norm_eps": 1e-05,
  "norm_num_groups": 32,
  "num_attention_heads": null,
  "num_class_embeds": null,
  "only_cross_attention": false,
  "out_channels": 4,
  "projection_class_embeddings_input_dim": 2816,
  "resnet_out_scale_factor": 1.0,
  "resnet_skip_time_act": false,
  "resnet_time_scale_shift": "default",
  "sample_size": 128,
  "time_cond_proj_dim": null,
  "time_embedding_act_fn": null,
  "time_embedding_dim": null,
  "time_embedding_type": "positional",
  "timestep_post_act": null,
  "transformer_layers_per_block": [1, 2, 10],
  "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
  "upcast_attention": null,
  "use_linear_projection": true
})";

/// TOY_SD and TOY_XL of tests/peers/unet.py: every block type between them.
inline constexpr std::string_view toy_sd = R"({
  "block_out_channels": [32, 64],
  "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
  "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
  "layers_per_block": 1,
  "norm_num_groups": 8,
  "attention_head_dim": 4,
  "cross_attention_dim": 24
})";
inline constexpr std::string_view toy_xl = R"({
  "in_channels": 3,
  "out_channels": 5,
  "block_out_channels": [32, 64],
  "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
  "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
  "mid_block_type": "UNetMidBlock2D",
  "layers_per_block": [1, 2],
  "transformer_layers_per_block": [1, 2],
  "only_cross_attention": [false, true],
  "norm_num_groups": 16,
  "attention_head_dim": [2, 8],
  "cross_attention_dim": 24,
  "use_linear_projection": true,
  "flip_sin_to_cos": false,
  "freq_shift": 1,
  "conv_out_kernel": 1,
  "num_class_embeds": 10,
  "addition_embed_type": "text_time",
  "addition_time_embed_dim": 8,
  "projection_class_embeddings_input_dim": 68
})";

inline auto read_config(std::string_view text) -> model::unet_config
{
    auto const config = model::read_unet_config(json::parse(text).value());
    REQUIRE_MESSAGE(config.has_value(), (config ? "" : config.error().message));
    return *config;
}

} // namespace haiga::test
