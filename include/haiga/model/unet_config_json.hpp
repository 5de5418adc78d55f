#pragma once

#include "haiga/model/config_keys.hpp"
#include "haiga/model/unet_config.hpp"

namespace haiga::model {

namespace detail {

struct unet_keys {
    static constexpr std::string_view class_name = "UNet2DConditionModel";

    template <class Config, class F>
    static void for_each(Config& c, F&& f)
    {
        f("sample_size", c.sample_size);
        f("in_channels", c.in_channels);
        f("out_channels", c.out_channels);
        f("flip_sin_to_cos", c.flip_sin_to_cos);
        f("freq_shift", c.freq_shift);
        f("down_block_types", c.down_block_types);
        f("mid_block_type", c.mid_block_type);
        f("up_block_types", c.up_block_types);
        f("only_cross_attention", c.only_cross_attention);
        f("block_out_channels", c.block_out_channels);
        f("layers_per_block", c.layers_per_block);
        f("norm_num_groups", c.norm_num_groups);
        f("norm_eps", c.norm_eps);
        f("cross_attention_dim", c.cross_attention_dim);
        f("transformer_layers_per_block", c.transformer_layers_per_block);
        f("attention_head_dim", c.attention_head_dim);
        f("use_linear_projection", c.use_linear_projection);
        f("class_embed_type", c.class_embed_type);
        f("num_class_embeds", c.num_class_embeds);
        f("addition_embed_type", c.addition_embed_type);
        f("addition_time_embed_dim", c.addition_time_embed_dim);
        f("projection_class_embeddings_input_dim", c.projection_class_embeddings_input_dim);
        f("time_embedding_dim", c.time_embedding_dim);
        f("conv_in_kernel", c.conv_in_kernel);
        f("conv_out_kernel", c.conv_out_kernel);
    }

    /// The other keys of Diffusers' class, and those that its EMAModel leaves in the file.
    static auto fixed() -> std::vector<fixed_key>
    {
        return {
            {"_class_name", {"UNet2DConditionModel"}},
            {"act_fn", {"silu", "swish"}},
            {"center_input_sample", {false}},
            {"downsample_padding", {1}},
            {"mid_block_scale_factor", {1, 1.0}},
            {"dropout", {0, 0.0}},
            {"num_attention_heads", {nullptr}}, // Diffusers refuses it too: see attention_head_dim
            {"dual_cross_attention", {false}},
            {"reverse_transformer_layers_per_block", {nullptr}},
            {"encoder_hid_dim", {nullptr}},
            {"encoder_hid_dim_type", {nullptr}},
            {"resnet_time_scale_shift", {"default"}},
            {"resnet_skip_time_act", {false}},
            {"resnet_out_scale_factor", {1, 1.0}},
            {"time_embedding_type", {"positional"}},
            {"time_embedding_act_fn", {nullptr}},
            {"timestep_post_act", {nullptr}},
            {"time_cond_proj_dim", {nullptr}},
            {"attention_type", {"default"}},
            {"class_embeddings_concat", {false}},
            {"cross_attention_norm", {nullptr}},
            {"upcast_attention", {}},               // scores are never below fp32 here
            {"mid_block_only_cross_attention", {}}, // of a block type that is refused by name
            {"addition_embed_type_num_heads", {}},  // of an addition that is refused by name
            {"decay", {}},
            {"inv_gamma", {}},
            {"min_decay", {}},
            {"optimization_step", {}},
            {"power", {}},
            {"update_after_step", {}},
            {"use_ema_warmup", {}}};
    }
};

} // namespace detail

/// A unet/config.json as Diffusers writes it; a key that is missing has Diffusers' default.
///
/// Errors: those of check(); mismatch for a value of the wrong kind; unsupported for a key that
///         nobody knows, or a setting that is not handled. Each names the key, what may stand there
///         and what was found.
inline auto read_unet_config(boost::json::value const& json) -> result<unet_config>
{
    unet_config config;
    HAIGA_TRY_VOID(detail::read_keys<detail::unet_keys>(json, config));
    HAIGA_TRY_VOID(check(config));
    return config;
}

/// What Diffusers and read_unet_config read back.
inline auto write_unet_config(unet_config const& config) -> boost::json::object
{
    auto object = detail::write_keys<detail::unet_keys>(config);
    object["_class_name"] = detail::unet_keys::class_name;
    return object;
}

} // namespace haiga::model
