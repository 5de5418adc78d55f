#pragma once

#include "haiga/model/config_checks.hpp"
#include "haiga/model/per_level.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haiga::model {

/// The configuration of Diffusers' UNet2DConditionModel, as far as it is supported, with its names
/// and defaults. Levels count from the outermost; what is per level is reversed for up blocks.
/// Source: diffusers 0.42.1, models/unets/unet_2d_condition.py.
struct unet_config {
    std::optional<std::int64_t> sample_size; ///< of latents, for those who choose none
    std::int64_t in_channels = 4;
    std::int64_t out_channels = 4;
    bool flip_sin_to_cos = true;
    int freq_shift = 0;
    std::vector<std::string> down_block_types = {"CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                                                 "CrossAttnDownBlock2D", "DownBlock2D"};
    std::optional<std::string> mid_block_type = "UNetMidBlock2DCrossAttn";
    std::vector<std::string> up_block_types = {"UpBlock2D", "CrossAttnUpBlock2D",
                                               "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"};
    per_level<bool> only_cross_attention = false;
    std::vector<std::int64_t> block_out_channels = {320, 640, 1280, 1280};
    per_level<int> layers_per_block = 2;
    int norm_num_groups = 32;
    double norm_eps = 1e-5;
    per_level<std::int64_t> cross_attention_dim = 1280;
    per_level<int> transformer_layers_per_block = 1;
    per_level<int> attention_head_dim = 8; ///< the number of heads, whatever its name says
    bool use_linear_projection = false;
    std::optional<std::string> class_embed_type; ///< timestep, identity, (simple_)projection
    std::optional<std::int64_t> num_class_embeds;
    std::optional<std::string> addition_embed_type; ///< text_time
    std::optional<std::int64_t> addition_time_embed_dim;
    std::optional<std::int64_t> projection_class_embeddings_input_dim;
    std::optional<std::int64_t> time_embedding_dim;
    std::int64_t conv_in_kernel = 3;
    std::int64_t conv_out_kernel = 3;

    [[nodiscard]] auto levels() const -> std::size_t { return block_out_channels.size(); }
    [[nodiscard]] auto time_width() const -> std::int64_t
    {
        return time_embedding_dim.value_or(4 * block_out_channels.at(0));
    }

    friend auto operator==(unet_config const&, unet_config const&) -> bool = default;
};

inline auto has_attention(std::string const& block_type) -> bool
{
    return block_type == "CrossAttnDownBlock2D" || block_type == "CrossAttnUpBlock2D";
}

namespace detail {

inline auto check_block_types(unet_config const& c) -> result<>
{
    for (auto const& type : c.down_block_types) {
        HAIGA_TRY_VOID(
            check_choice("down_block_types", type, {"CrossAttnDownBlock2D", "DownBlock2D"}));
    }
    for (auto const& type : c.up_block_types) {
        HAIGA_TRY_VOID(check_choice("up_block_types", type, {"CrossAttnUpBlock2D", "UpBlock2D"}));
    }
    if (c.mid_block_type) {
        HAIGA_TRY_VOID(check_choice("mid_block_type", *c.mid_block_type,
                                    {"UNetMidBlock2DCrossAttn", "UNetMidBlock2D"}));
    }
    return {};
}

inline auto check_levels(unet_config const& c) -> result<>
{
    auto const levels = c.levels();
    auto const agrees = [&](char const* key, std::size_t found, bool fits) -> result<> {
        return fits ? result<>()
                    : fail(errc::mismatch, '"', key, "\" has ", found,
                           " items, \"block_out_channels\" has ", levels);
    };
    auto const each = [&](char const* key, auto const& setting) {
        return agrees(key, setting.values().size(), setting.fits(levels));
    };
    auto const down = c.down_block_types.size();
    auto const up = c.up_block_types.size();
    HAIGA_TRY_VOID(agrees("down_block_types", down, down == levels && levels > 0));
    HAIGA_TRY_VOID(agrees("up_block_types", up, up == levels));
    HAIGA_TRY_VOID(each("only_cross_attention", c.only_cross_attention));
    HAIGA_TRY_VOID(each("layers_per_block", c.layers_per_block));
    HAIGA_TRY_VOID(each("cross_attention_dim", c.cross_attention_dim));
    HAIGA_TRY_VOID(each("transformer_layers_per_block", c.transformer_layers_per_block));
    return each("attention_head_dim", c.attention_head_dim);
}

inline auto check_level_sizes(unet_config const& c) -> result<>
{
    for (std::size_t i = 0; i < c.levels(); ++i) {
        auto const width = c.block_out_channels[i];
        auto const heads = c.attention_head_dim.at(i);
        // the time step becomes sinusoids of the first width: a sine and a cosine at least
        HAIGA_TRY_VOID(check_range("block_out_channels", width, i == 0 ? 2 : 1));
        HAIGA_TRY_VOID(check_range("layers_per_block", c.layers_per_block.at(i)));
        HAIGA_TRY_VOID(check_range("cross_attention_dim", c.cross_attention_dim.at(i)));
        HAIGA_TRY_VOID(
            check_range("transformer_layers_per_block", c.transformer_layers_per_block.at(i)));
        HAIGA_TRY_VOID(check_range("attention_head_dim", heads));
        if (width % c.norm_num_groups != 0) {
            return fail(errc::mismatch, "\"block_out_channels\": ", width,
                        " is not a multiple of \"norm_num_groups\", ", c.norm_num_groups);
        }
        if (width % heads != 0) {
            return fail(errc::mismatch, "\"block_out_channels\": ", width,
                        " is not a multiple of the heads, \"attention_head_dim\", ", heads);
        }
    }
    return {};
}

/// Every layer is traced and planned: a file of a few bytes must not ask for millions.
/// Down blocks have layers_per_block, up blocks one more, each with its transformer's layers.
inline auto check_layer_count(unet_config const& c) -> result<>
{
    constexpr std::int64_t most = 1024;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < c.levels(); ++i) {
        count += (2 * std::int64_t{c.layers_per_block.at(i)} + 1) *
                 (1 + std::int64_t{c.transformer_layers_per_block.at(i)});
    }
    return count <= most ? result<>()
                         : fail(errc::too_large,
                                "\"layers_per_block\" and \"transformer_layers_per_block\" "
                                "make ",
                                count, " layers, at most ", most);
}

inline auto check_sizes(unet_config const& c) -> result<>
{
    HAIGA_TRY_VOID(check_range("in_channels", c.in_channels));
    HAIGA_TRY_VOID(check_range("out_channels", c.out_channels));
    HAIGA_TRY_VOID(check_range("norm_num_groups", c.norm_num_groups));
    HAIGA_TRY_VOID(check_range("sample_size", c.sample_size.value_or(1)));
    HAIGA_TRY_VOID(check_range("time_embedding_dim", c.time_embedding_dim.value_or(1)));
    HAIGA_TRY_VOID(check_range("num_class_embeds", c.num_class_embeds.value_or(1)));
    if (!(c.norm_eps > 0 && c.norm_eps < 1)) {
        return fail(errc::invalid, "\"norm_eps\" must be between 0 and 1; found ", c.norm_eps);
    }
    for (auto const& [key, kernel] : {std::pair{"conv_in_kernel", c.conv_in_kernel},
                                      std::pair{"conv_out_kernel", c.conv_out_kernel}}) {
        if (kernel % 2 != 1 || kernel < 1 || kernel > 7) {
            return fail(errc::unsupported, '"', key, "\" must be 1, 3, 5 or 7; found ", kernel);
        }
    }
    HAIGA_TRY_VOID(check_level_sizes(c));
    return check_layer_count(c);
}

inline auto check_conditions(unet_config const& c) -> result<>
{
    auto const needs = [](char const* key, std::optional<std::int64_t> const& value,
                          std::string const& because) -> result<> {
        return value ? check_range(key, *value)
                     : fail(errc::not_found, '"', key, "\" is missing, which ", because, " needs");
    };
    constexpr auto projected = "projection_class_embeddings_input_dim";
    if (c.class_embed_type) {
        HAIGA_TRY_VOID(check_choice("class_embed_type", *c.class_embed_type,
                                    {"timestep", "identity", "projection", "simple_projection"}));
        if (c.class_embed_type->ends_with("projection")) {
            HAIGA_TRY_VOID(
                needs(projected, c.projection_class_embeddings_input_dim, *c.class_embed_type));
        }
    }
    if (c.addition_embed_type) {
        HAIGA_TRY_VOID(check_choice("addition_embed_type", *c.addition_embed_type, {"text_time"}));
        HAIGA_TRY_VOID(needs(projected, c.projection_class_embeddings_input_dim, "text_time"));
        HAIGA_TRY_VOID(needs("addition_time_embed_dim", c.addition_time_embed_dim, "text_time"));
    }
    return {};
}

} // namespace detail

/// Whether a UNet can be built from this.
/// Errors: unsupported, mismatch, invalid, not_found; each names the key, what may stand there, and
///         what was found.
inline auto check(unet_config const& c) -> result<>
{
    HAIGA_TRY_VOID(detail::check_levels(c));
    HAIGA_TRY_VOID(detail::check_block_types(c));
    HAIGA_TRY_VOID(detail::check_sizes(c));
    return detail::check_conditions(c);
}

} // namespace haiga::model
