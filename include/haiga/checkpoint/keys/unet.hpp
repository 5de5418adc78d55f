#pragma once

#include "haiga/catalog/layout.hpp"
#include "haiga/checkpoint/keys/named_tensors.hpp"

namespace haiga::checkpoint {

namespace detail {

/// Names of Diffusers' ResnetBlock2D and of the ResBlock of the original's openaimodel.py.
inline void resnet_keys(key_rows& rows, place const& p, std::int64_t in, std::int64_t out,
                        std::int64_t time)
{
    rows.norm(p.at("norm1", "in_layers.0"), in);
    rows.conv(p.at("conv1", "in_layers.2"), in, out, 3);
    rows.linear(p.at("time_emb_proj", "emb_layers.1"), time, out);
    rows.norm(p.at("norm2", "out_layers.0"), out);
    rows.conv(p.at("conv2", "out_layers.3"), out, out, 3);
    if (in != out) {
        rows.conv(p.at("conv_shortcut", "skip_connection"), in, out, 1);
    }
}

inline void attention_keys(key_rows& rows, place const& p, std::int64_t channels,
                           std::int64_t context)
{
    rows.linear_without_bias(p.at("to_q"), channels, channels);
    rows.linear_without_bias(p.at("to_k"), context, channels);
    rows.linear_without_bias(p.at("to_v"), context, channels);
    rows.linear(p.at("to_out.0"), channels, channels);
}

inline void transformer_keys(key_rows& rows, place const& p, std::int64_t channels, int depth,
                             catalog::unet_layout const& l)
{
    auto const project = [&](place const& at) {
        l.linear_projection ? rows.linear(at, channels, channels)
                            : rows.conv(at, channels, channels, 1);
    };
    rows.norm(p.at("norm"), channels);
    project(p.at("proj_in"));
    for (int i = 0; i < depth; ++i) {
        auto const block = p.at(concat("transformer_blocks.", i));
        rows.norm(block.at("norm1"), channels);
        attention_keys(rows, block.at("attn1"), channels, channels);
        rows.norm(block.at("norm2"), channels);
        attention_keys(rows, block.at("attn2"), channels, l.context);
        rows.norm(block.at("norm3"), channels);
        rows.linear(block.at("ff.net.0.proj"), channels, 8 * channels); // GEGLU: two halves
        rows.linear(block.at("ff.net.2"), 4 * channels, channels);
    }
    project(p.at("proj_out"));
}

/// The down block's part behind its resnet number j, which is input_blocks.N of the original.
inline auto down_place(place const& root, std::size_t level, int j, int n, bool attention) -> place
{
    return root.at(concat("down_blocks.", level, attention ? ".attentions." : ".resnets.", j),
                   concat("input_blocks.", n, attention ? ".1" : ".0"));
}

inline auto downsampler_place(place const& root, std::size_t level, int n) -> place
{
    return root.at(concat("down_blocks.", level, ".downsamplers.0.conv"),
                   concat("input_blocks.", n, ".0.op"));
}

inline auto mid_attention_place(place const& root) -> place
{
    return root.at("mid_block.attentions.0", "middle_block.1");
}

inline auto added_place(place const& root) -> place
{
    return root.at("add_embedding", "label_emb.0");
}

/// Everything up to the innermost block, which a UNet and a ControlNet share. Channels of what the
/// way down keeps for the way up.
inline auto down_keys(key_rows& rows, place const& root, catalog::unet_layout const& l)
    -> std::vector<std::int64_t>
{
    rows.conv(root.at("conv_in", "input_blocks.0.0"), l.in_channels, l.channels[0], 3);
    rows.linear(root.at("time_embedding.linear_1", "time_embed.0"), l.channels[0], l.time_width);
    rows.linear(root.at("time_embedding.linear_2", "time_embed.2"), l.time_width, l.time_width);
    if (l.added) {
        rows.linear(added_place(root).at("linear_1", "0"), *l.added, l.time_width);
        rows.linear(added_place(root).at("linear_2", "2"), l.time_width, l.time_width);
    }
    std::vector<std::int64_t> kept = {l.channels[0]};
    int n = 0;
    for (std::size_t level = 0; level < l.channels.size(); ++level) {
        auto const channels = l.channels[level];
        for (int j = 0; j < l.layers; ++j) {
            resnet_keys(rows, down_place(root, level, j, ++n, false), kept.back(), channels,
                        l.time_width);
            if (l.depths[level] > 0) {
                transformer_keys(rows, down_place(root, level, j, n, true), channels,
                                 l.depths[level], l);
            }
            kept.push_back(channels);
        }
        if (level + 1 < l.channels.size()) {
            rows.conv(downsampler_place(root, level, ++n), channels, channels, 3);
            kept.push_back(channels);
        }
    }
    return kept;
}

inline void mid_keys(key_rows& rows, place const& root, catalog::unet_layout const& l)
{
    auto const channels = l.channels.back();
    resnet_keys(rows, root.at("mid_block.resnets.0", "middle_block.0"), channels, channels,
                l.time_width);
    transformer_keys(rows, mid_attention_place(root), channels, l.mid_depth, l);
    resnet_keys(rows, root.at("mid_block.resnets.1", "middle_block.2"), channels, channels,
                l.time_width);
}

inline void up_keys(key_rows& rows, place const& root, catalog::unet_layout const& l,
                    std::vector<std::int64_t> kept)
{
    auto channels = l.channels.back();
    int n = 0;
    for (std::size_t i = 0; i < l.channels.size(); ++i) {
        auto const level = l.channels.size() - 1 - i;
        bool const attends = l.depths[level] > 0;
        auto const block = [&](std::string_view kind, int j, int slot) {
            return root.at(concat("up_blocks.", i, kind, j),
                           concat("output_blocks.", n, '.', slot));
        };
        for (int j = 0; j <= l.layers; ++j, ++n) {
            resnet_keys(rows, block(".resnets.", j, 0), channels + kept.back(), l.channels[level],
                        l.time_width);
            kept.pop_back();
            channels = l.channels[level];
            if (attends) {
                transformer_keys(rows, block(".attentions.", j, 1), channels, l.depths[level], l);
            }
            if (j == l.layers && level > 0) {
                rows.conv(block(".upsamplers.", 0, attends ? 2 : 1).at("conv"), channels, channels,
                          3);
            }
        }
    }
}

inline auto depth_at(named_tensors const& tensors, place const& attention) -> int
{
    return tensors.count(attention.at("transformer_blocks"), "norm1.weight");
}

/// What the way down and the innermost block tell.
inline auto read_down_layout(named_tensors const& tensors, place const& root)
    -> result<catalog::unet_layout>
{
    catalog::unet_layout l;
    auto const conv_in = root.at("conv_in", "input_blocks.0.0").at("weight");
    HAIGA_TRY(l.in_channels, tensors.extent(conv_in, 1));
    HAIGA_TRY(l.time_width,
              tensors.extent(root.at("time_embedding.linear_1", "time_embed.0").at("bias"), 0));
    if (auto const added = added_place(root).at("linear_1", "0").at("weight"); tensors.has(added)) {
        HAIGA_TRY(l.added, tensors.extent(added, 1));
    }
    l.channels.clear();
    l.depths.clear();
    l.layers = 0;
    int n = 1;
    for (bool deeper = true; deeper; ++n) {
        auto const level = l.channels.size();
        auto const resnet = [&](int j) {
            return down_place(root, level, j, n, false).at("conv1", "in_layers.2").at("weight");
        };
        int j = 0;
        HAIGA_TRY(auto const channels, tensors.extent(resnet(0), 0));
        int depth = 0;
        for (; tensors.has(resnet(j)); ++j, ++n) {
            auto const found = depth_at(tensors, down_place(root, level, j, n, true));
            if (j > 0 && found != depth) {
                return fail(errc::unsupported, '"',
                            down_place(root, level, j, n, true).name(tensors.follows()),
                            "\": ", found, " transformer blocks where its neighbour has ", depth);
            }
            depth = found;
        }
        if (level > 0 && j != l.layers) {
            return fail(errc::unsupported, "level ", level, " of the UNet has ", j,
                        " layers, the one before ", l.layers);
        }
        l.layers = j;
        l.channels.push_back(channels);
        l.depths.push_back(depth);
        deeper = tensors.has(downsampler_place(root, level, n).at("weight"));
    }
    l.mid_depth = depth_at(tensors, mid_attention_place(root));
    auto const mid = mid_attention_place(root);
    HAIGA_TRY(l.context, tensors.extent(mid.at("transformer_blocks.0.attn2.to_k.weight"), 1));
    auto const* const project = tensors.find(mid.at("proj_in.weight"));
    l.linear_projection = project != nullptr && project->dims.rank() == 2;
    return l;
}

} // namespace detail

/// Source: the ldm package of github.com/CompVis/stable-diffusion and diffusers 0.42.1,
/// loaders/single_file_utils.py, for the names of both.
inline auto unet_keys(catalog::unet_layout const& l, place const& root) -> std::vector<key_row>
{
    key_rows rows;
    auto const kept = detail::down_keys(rows, root, l);
    detail::mid_keys(rows, root, l);
    detail::up_keys(rows, root, l, kept);
    rows.norm(root.at("conv_norm_out", "out.0"), l.channels[0]);
    rows.conv(root.at("conv_out", "out.2"), l.channels[0], l.out_channels, 3);
    return std::move(rows).take();
}

/// The layout of the UNet whose tensors these are. It is told from a few of them; whether the
/// others agree shows when they are put in their places.
/// Errors: not_found, mismatch, unsupported; they name a tensor or a block.
inline auto read_unet_layout(named_tensors const& tensors, place const& root)
    -> result<catalog::unet_layout>
{
    HAIGA_TRY(auto l, detail::read_down_layout(tensors, root));
    HAIGA_TRY(l.out_channels, tensors.extent(root.at("conv_out", "out.2").at("weight"), 0));
    return l;
}

} // namespace haiga::checkpoint
