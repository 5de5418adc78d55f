#pragma once

#include "haiga/model/mid_block.hpp"
#include "haiga/model/time_embedding.hpp"
#include "haiga/model/unet_config.hpp"
#include "haiga/model/up_block.hpp"
#include "haiga/nn/embedding.hpp"
#include "haiga/nn/timestep_embedding.hpp"

namespace haiga::model {

/// What a UNet looks at. The last three are there only if the configuration asks for them.
struct unet_inputs {
    value sample = value::none;                ///< [N, H, W, in_channels], noisy
    value timesteps = value::none;             ///< [N], f32
    value encoder_hidden_states = value::none; ///< [N, T, cross_attention_dim]
    value class_labels = value::none; ///< [N] ids, i32; timestep: [N], f32; projections: [N, in]
    value text_embeds = value::none;  ///< text_time: [N, E]
    value time_ids = value::none;     ///< text_time: [N, 6] (any number), f32
};

namespace detail {

inline auto sinusoids(scope const& at, value t, std::int64_t width, unet_config const& c) -> value
{
    return nn::timestep_embedding(at.traced(), t, width,
                                  {.flip_sin_to_cos = c.flip_sin_to_cos,
                                   .downscale_freq_shift = static_cast<float>(c.freq_shift)});
}

inline auto class_embedding(scope const& at, value labels, unet_config const& c) -> value
{
    HAIGA_CHECK(labels != value::none, "this UNet wants class labels");
    auto const width = c.time_width();
    if (!c.class_embed_type) {
        auto const table = at.declare("weight", {*c.num_class_embeds, width}, device::layout::plain,
                                      {device::initial::kind::normal, 1});
        return nn::embedding(at.traced(), labels, table);
    }
    if (*c.class_embed_type == "identity") {
        return labels;
    }
    if (*c.class_embed_type == "simple_projection") {
        return linear(at, labels, width);
    }
    auto const features = *c.class_embed_type == "timestep"
                              ? sinusoids(at, labels, c.block_out_channels[0], c)
                              : labels;
    return time_embedding(at, features, width);
}

/// Sinusoids of the size and the crop of the original picture, beside the pooled text.
inline auto added_features(scope const& at, unet_inputs const& in, unet_config const& c) -> value
{
    auto& g = at.traced();
    HAIGA_CHECK(in.text_embeds != value::none && in.time_ids != value::none,
                "this UNet wants text_embeds and time_ids");
    auto const batch = at.extent(in.time_ids, 0);
    auto const count = g.shape_of(in.time_ids).elements();
    auto const width = *c.addition_time_embed_dim;
    auto const ids = device::reshape(g, in.time_ids, {count});
    auto const times =
        device::reshape(g, sinusoids(at, ids, width, c), {batch, count / batch * width});
    return nn::concat(g, in.text_embeds, times);
}

/// [N, time_width]: everything that is told to all pixels alike.
inline auto embed_conditions(scope const& at, unet_inputs const& in, unet_config const& c) -> value
{
    auto& g = at.traced();
    auto const times = sinusoids(at, in.timesteps, c.block_out_channels[0], c);
    auto sum = time_embedding(at / "time_embedding", times, c.time_width());
    if (c.class_embed_type || c.num_class_embeds) {
        sum = device::add(g, sum, class_embedding(at / "class_embedding", in.class_labels, c));
    }
    if (c.addition_embed_type) {
        auto const added = added_features(at, in, c);
        HAIGA_CHECK(at.extent(added, 1) == *c.projection_class_embeddings_input_dim);
        sum = device::add(g, sum, time_embedding(at / "add_embedding", added, c.time_width()));
    }
    return sum;
}

inline auto options_of_level(unet_config const& c, std::size_t level) -> level_options
{
    return {.channels = c.block_out_channels[level],
            .layers = c.layers_per_block.at(level),
            .attention = has_attention(c.down_block_types[level]),
            .resample = level + 1 < c.levels(),
            .norm = {.groups = c.norm_num_groups, .eps = c.norm_eps},
            .transformer = {.layers = c.transformer_layers_per_block.at(level),
                            .groups = c.norm_num_groups,
                            .use_linear_projection = c.use_linear_projection,
                            .block = {.heads = c.attention_head_dim.at(level),
                                      .only_cross_attention = c.only_cross_attention.at(level)}}};
}

inline auto down_path(scope const& at, value x, conditions const& told, unet_config const& c,
                      std::vector<value>& skips) -> value
{
    for (std::size_t i = 0; i < c.levels(); ++i) {
        x = down_block(at / "down_blocks" / i, x, told, options_of_level(c, i), skips);
    }
    return x;
}

inline auto middle(scope const& at, value x, conditions const& told, unet_config const& c) -> value
{
    if (!c.mid_block_type) {
        return x;
    }
    auto options = options_of_level(c, c.levels() - 1);
    options.layers = *c.mid_block_type == "UNetMidBlock2DCrossAttn" ? 1 : 0;
    options.transformer.block.only_cross_attention = false;
    return mid_block(at / "mid_block", x, told, options);
}

inline auto up_path(scope const& at, value x, conditions const& told, unet_config const& c,
                    std::vector<value>& skips) -> value
{
    for (std::size_t i = 0; i < c.levels(); ++i) {
        auto options = options_of_level(c, c.levels() - 1 - i);
        options.layers += 1;
        options.attention = has_attention(c.up_block_types[i]);
        options.resample = i + 1 < c.levels();
        x = up_block(at / "up_blocks" / i, x, told, options, skips);
    }
    return x;
}

} // namespace detail

/// Traces Diffusers' UNet2DConditionModel.
///
/// Shapes: [N, H, W, in_channels] -> [N, H, W, out_channels].
/// Errors: a configuration that check() refuses is a caller's bug.
/// Source: Rombach et al. 2022, arXiv:2112.10752; Podell et al. 2023, arXiv:2307.01952;
///         diffusers 0.42.1, models/unets/unet_2d_condition.py.
inline auto unet(scope const& at, unet_config const& c, unet_inputs const& in) -> value
{
    auto const checked = check(c);
    HAIGA_CHECK(checked.has_value(), checked.error().message);
    HAIGA_CHECK(at.extent(in.sample, 3) == c.in_channels, at.traced().shape_of(in.sample));
    auto x =
        conv2d(at / "conv_in", in.sample, c.block_out_channels[0], {.kernel = c.conv_in_kernel});
    conditions const told{nn::silu(at.traced(), detail::embed_conditions(at, in, c)),
                          in.encoder_hidden_states};
    std::vector<value> skips{x};
    x = detail::down_path(at, x, told, c, skips);
    x = detail::middle(at, x, told, c);
    x = detail::up_path(at, x, told, c, skips);
    x = group_norm(at / "conv_norm_out", x,
                   {.groups = c.norm_num_groups, .eps = c.norm_eps, .silu = true});
    return conv2d(at / "conv_out", x, c.out_channels, {.kernel = c.conv_out_kernel});
}

} // namespace haiga::model
