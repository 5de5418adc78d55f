#pragma once

#include "haiga/catalog/layout.hpp"
#include "haiga/json/get.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>

namespace haiga::catalog {

namespace detail {

/// A setting that decides names or shapes, and what must stand there; the first is Diffusers'
/// default.
struct fixed_setting {
    std::string_view key;
    boost::json::array values;
};

inline auto fixed_settings() -> std::vector<fixed_setting>
{
    return {{"_class_name", {"UNet2DConditionModel"}},
            {"only_cross_attention", {false}},
            {"dual_cross_attention", {false}},
            {"reverse_transformer_layers_per_block", {nullptr}},
            {"encoder_hid_dim", {nullptr}},
            {"encoder_hid_dim_type", {nullptr}},
            {"class_embed_type", {nullptr}},
            {"num_class_embeds", {nullptr}},
            {"addition_embed_type", {nullptr, "text_time"}},
            {"resnet_time_scale_shift", {"default"}},
            {"time_embedding_type", {"positional"}},
            {"time_cond_proj_dim", {nullptr}},
            {"conv_in_kernel", {3}},
            {"conv_out_kernel", {3}},
            {"attention_type", {"default"}},
            {"class_embeddings_concat", {false}},
            {"cross_attention_norm", {nullptr}}};
}

inline auto refused(std::string_view key, boost::json::value const& found,
                    std::string_view expected) -> tl::unexpected<failure>
{
    return fail(errc::unsupported, '"', key, "\" may be ", expected, "; found ",
                one_line(boost::json::serialize(found), 80));
}

inline auto check_fixed_settings(boost::json::object const& file) -> result<>
{
    for (auto const& fixed : fixed_settings()) {
        auto const* const found = file.if_contains(fixed.key);
        if (found != nullptr && std::ranges::find(fixed.values, *found) == fixed.values.end()) {
            return refused(fixed.key, *found, boost::json::serialize(fixed.values[0]));
        }
    }
    return {};
}

/// A number for all levels, or a list of one for each.
template <class T>
auto each_level(boost::json::object const& file, std::string_view key, std::size_t levels,
                T otherwise) -> result<std::vector<T>>
{
    auto const* const found = file.if_contains(key);
    if (found == nullptr || !found->is_array()) {
        HAIGA_TRY(auto const one, json::get(file, key, otherwise));
        return std::vector<T>(levels, one);
    }
    HAIGA_TRY(auto each, json::get<std::vector<T>>(file, key));
    if (each.size() != levels) {
        return fail(errc::mismatch, '"', key, "\" has ", each.size(), " items for ", levels,
                    " levels");
    }
    return each;
}

/// Whether there are transformers on each level.
inline auto read_block_types(boost::json::object const& file, std::string_view key,
                             std::string_view way, std::vector<std::string> const& otherwise)
    -> result<std::vector<bool>>
{
    HAIGA_TRY(auto const types, json::get(file, key, otherwise));
    auto const plain = concat(way, "Block2D");
    auto const crossed = "CrossAttn" + plain;
    std::vector<bool> has_transformers;
    for (auto const& type : types) {
        if (type != plain && type != crossed) {
            return refused(key, boost::json::value(type), concat(crossed, " or ", plain));
        }
        has_transformers.push_back(type == crossed);
    }
    return has_transformers;
}

/// Order: after the channels.
inline auto read_depths(boost::json::object const& file, unet_layout& layout) -> result<>
{
    std::string const plain = "DownBlock2D";
    std::string const up = "CrossAttnUpBlock2D";
    std::string const down = "CrossAttnDownBlock2D";
    HAIGA_TRY(auto const ways_down,
              read_block_types(file, "down_block_types", "Down", {down, down, down, plain}));
    HAIGA_TRY(auto const ways_up,
              read_block_types(file, "up_block_types", "Up", {"UpBlock2D", up, up, up}));
    if (ways_down.size() != layout.channels.size()) {
        return fail(errc::mismatch, "\"down_block_types\" has ", ways_down.size(), " items for ",
                    layout.channels.size(), " levels");
    }
    if (!std::ranges::equal(ways_up, std::vector<bool>(ways_down.rbegin(), ways_down.rend()))) {
        return fail(errc::unsupported, "\"up_block_types\" does not mirror \"down_block_types\"");
    }
    HAIGA_TRY(layout.depths,
              each_level(file, "transformer_layers_per_block", layout.channels.size(), 1));
    layout.mid_depth = layout.depths.back();
    for (std::size_t level = 0; level < ways_down.size(); ++level) {
        layout.depths[level] = ways_down[level] ? layout.depths[level] : 0;
    }
    std::string const crossed = "UNetMidBlock2DCrossAttn";
    HAIGA_TRY(auto const middle, json::get(file, "mid_block_type", crossed));
    if (middle == "UNetMidBlock2D") {
        layout.mid_depth = 0;
    } else if (middle != crossed) {
        return refused("mid_block_type", boost::json::value(middle), crossed);
    }
    return {};
}

inline auto read_layers(boost::json::object const& file, unet_layout& layout) -> result<>
{
    HAIGA_TRY(auto const layers,
              each_level(file, "layers_per_block", layout.channels.size(), layout.layers));
    layout.layers = layers.front();
    if (!std::ranges::all_of(layers, [&](int n) { return n == layout.layers; })) {
        return refused("layers_per_block", file.at("layers_per_block"), "one number");
    }
    return {};
}

inline auto read_widths(boost::json::object const& file, unet_layout& layout) -> result<>
{
    HAIGA_TRY(layout.context, json::get(file, "cross_attention_dim", std::int64_t{1280}));
    HAIGA_TRY(layout.linear_projection, json::get(file, "use_linear_projection", false));
    HAIGA_TRY(layout.time_width,
              json::get(file, "time_embedding_dim", 4 * layout.channels.front()));
    HAIGA_TRY(auto const added, json::get(file, "addition_embed_type", std::string()));
    if (!added.empty()) {
        HAIGA_TRY(layout.added,
                  json::get<std::int64_t>(file, "projection_class_embeddings_input_dim"));
    }
    return {};
}

inline auto check_positive(std::string_view key, std::int64_t least, std::int64_t value) -> result<>
{
    constexpr std::int64_t most = 1 << 20;
    if (value < least || value > most) {
        return fail(errc::invalid, '"', key, "\": ", value, ", expected ", least, " to ", most);
    }
    return {};
}

/// Channels whose products fit, and no more blocks than can be listed.
inline auto check_extents(unet_layout const& layout) -> result<>
{
    HAIGA_TRY_VOID(check_positive("in_channels", 1, layout.in_channels));
    HAIGA_TRY_VOID(check_positive("out_channels", 1, layout.out_channels));
    HAIGA_TRY_VOID(check_positive("cross_attention_dim", 1, layout.context));
    HAIGA_TRY_VOID(check_positive("time_embedding_dim", 1, layout.time_width));
    HAIGA_TRY_VOID(check_positive("layers_per_block", 1, layout.layers));
    HAIGA_TRY_VOID(
        check_positive("projection_class_embeddings_input_dim", 1, layout.added.value_or(1)));
    std::int64_t blocks = layout.mid_depth;
    for (std::size_t level = 0; level < layout.depths.size(); ++level) {
        HAIGA_TRY_VOID(check_positive("block_out_channels", 1, layout.channels[level]));
        HAIGA_TRY_VOID(check_positive("transformer_layers_per_block", 0, layout.depths[level]));
        blocks += (2 * std::int64_t{layout.layers} + 1) * (layout.depths[level] + 1);
    }
    constexpr std::int64_t most = 4096;
    if (blocks > most) {
        return fail(errc::too_large, "a UNet of ", blocks, " blocks, at most ", most);
    }
    return check_positive("transformer_layers_per_block", 0, layout.mid_depth);
}

} // namespace detail

/// Names and shapes that a unet/config.json of Diffusers stands for; a key that is missing has
/// Diffusers' default. Keys that decide neither are passed over.
///
/// Errors: mismatch, invalid or unsupported, naming the first key that is not as it must be;
///         too_large above 4096 blocks.
inline auto read_unet_layout(boost::json::value const& config) -> result<unet_layout>
{
    HAIGA_TRY(auto const file, json::as<boost::json::object>(config));
    HAIGA_TRY_VOID(detail::check_fixed_settings(file));
    unet_layout layout;
    HAIGA_TRY(layout.in_channels, json::get(file, "in_channels", layout.in_channels));
    HAIGA_TRY(layout.out_channels, json::get(file, "out_channels", layout.out_channels));
    HAIGA_TRY(layout.channels, json::get(file, "block_out_channels", layout.channels));
    if (layout.channels.empty()) {
        return fail(errc::invalid, "\"block_out_channels\" is empty");
    }
    HAIGA_TRY_VOID(detail::check_positive("block_out_channels", 1, layout.channels.front()));
    HAIGA_TRY_VOID(detail::read_depths(file, layout));
    HAIGA_TRY_VOID(detail::read_layers(file, layout));
    HAIGA_TRY_VOID(detail::read_widths(file, layout));
    HAIGA_TRY_VOID(detail::check_extents(layout));
    return layout;
}

} // namespace haiga::catalog
