#pragma once

#include "haiga/catalog/layout.hpp"
#include "haiga/checkpoint/keys/named_tensors.hpp"

namespace haiga::checkpoint {

namespace detail {

inline void vae_resnet_keys(key_rows& rows, place const& p, std::int64_t in, std::int64_t out)
{
    rows.norm(p.at("norm1"), in);
    rows.conv(p.at("conv1"), in, out, 3);
    rows.norm(p.at("norm2"), out);
    rows.conv(p.at("conv2"), out, out, 3);
    if (in != out) {
        rows.conv(p.at("conv_shortcut", "nin_shortcut"), in, out, 1);
    }
}

/// The innermost block of a coder: its attention is of linear layers, which the original keeps as
/// 1x1 convolutions.
inline void vae_mid_keys(key_rows& rows, place const& coder, std::int64_t channels)
{
    auto const linear = [&](place const& p) {
        rows.linear(p, channels, channels, relation::conv_1x1);
    };
    auto const attention = coder.at("mid_block.attentions.0", "mid.attn_1");
    vae_resnet_keys(rows, coder.at("mid_block.resnets.0", "mid.block_1"), channels, channels);
    rows.norm(attention.at("group_norm", "norm"), channels);
    linear(attention.at("to_q", "q"));
    linear(attention.at("to_k", "k"));
    linear(attention.at("to_v", "v"));
    linear(attention.at("to_out.0", "proj_out"));
    vae_resnet_keys(rows, coder.at("mid_block.resnets.1", "mid.block_2"), channels, channels);
}

inline void vae_ends(key_rows& rows, place const& coder, std::int64_t first, std::int64_t inner,
                     std::int64_t last, std::int64_t out)
{
    rows.conv(coder.at("conv_in"), first, inner, 3);
    rows.norm(coder.at("conv_norm_out", "norm_out"), last);
    rows.conv(coder.at("conv_out"), last, out, 3);
}

inline auto vae_level(place const& encoder, std::size_t level, int j) -> place
{
    return encoder.at(concat("down_blocks.", level, ".resnets.", j),
                      concat("down.", level, ".block.", j));
}

inline void vae_encoder_keys(key_rows& rows, place const& encoder, catalog::vae_layout const& l)
{
    vae_ends(rows, encoder, l.in_channels, l.channels[0], l.channels.back(), 2 * l.latent_channels);
    auto in = l.channels[0];
    for (std::size_t level = 0; level < l.channels.size(); ++level) {
        for (int j = 0; j < l.layers; ++j) {
            vae_resnet_keys(rows, vae_level(encoder, level, j), in, l.channels[level]);
            in = l.channels[level];
        }
        if (level + 1 < l.channels.size()) {
            rows.conv(encoder.at(concat("down_blocks.", level, ".downsamplers.0.conv"),
                                 concat("down.", level, ".downsample.conv")),
                      in, in, 3);
        }
    }
    vae_mid_keys(rows, encoder, in);
}

/// The original counts the decoder's levels from the outermost, Diffusers from the innermost.
inline void vae_decoder_keys(key_rows& rows, place const& decoder, catalog::vae_layout const& l)
{
    vae_ends(rows, decoder, l.latent_channels, l.channels.back(), l.channels[0], l.out_channels);
    auto in = l.channels.back();
    vae_mid_keys(rows, decoder, in);
    for (std::size_t i = 0; i < l.channels.size(); ++i) {
        auto const level = l.channels.size() - 1 - i;
        auto const block = decoder.at(concat("up_blocks.", i), concat("up.", level));
        for (int j = 0; j <= l.layers; ++j) {
            vae_resnet_keys(rows, block.at(concat("resnets.", j), concat("block.", j)), in,
                            l.channels[level]);
            in = l.channels[level];
        }
        if (level > 0) {
            rows.conv(block.at("upsamplers.0.conv", "upsample.conv"), in, in, 3);
        }
    }
}

} // namespace detail

/// Source: github.com/CompVis/latent-diffusion, ldm/modules/diffusionmodules/model.py; diffusers
/// 0.42.1, models/autoencoders/autoencoder_kl.py.
inline auto vae_keys(catalog::vae_layout const& l, place const& root) -> std::vector<key_row>
{
    key_rows rows;
    detail::vae_encoder_keys(rows, root.at("encoder"), l);
    detail::vae_decoder_keys(rows, root.at("decoder"), l);
    if (l.quant) {
        rows.conv(root.at("quant_conv"), 2 * l.latent_channels, 2 * l.latent_channels, 1);
        rows.conv(root.at("post_quant_conv"), l.latent_channels, l.latent_channels, 1);
    }
    return std::move(rows).take();
}

/// Errors: not_found, mismatch, invalid, unsupported; they name a tensor or a level.
inline auto read_vae_layout(named_tensors const& tensors, place const& root)
    -> result<catalog::vae_layout>
{
    catalog::vae_layout l;
    auto const encoder = root.at("encoder");
    auto const resnet = [&](std::size_t level, int j) {
        return detail::vae_level(encoder, level, j).at("conv1.weight");
    };
    HAIGA_TRY(l.in_channels, tensors.extent(encoder.at("conv_in.weight"), 1));
    HAIGA_TRY(l.out_channels, tensors.extent(root.at("decoder.conv_out.weight"), 0));
    HAIGA_TRY(l.latent_channels, tensors.extent(root.at("decoder.conv_in.weight"), 1));
    l.quant = tensors.has(root.at("quant_conv.weight"));
    l.channels.clear();
    for (std::size_t level = 0; level == 0 || tensors.has(resnet(level, 0)); ++level) {
        HAIGA_TRY(auto const channels, tensors.extent(resnet(level, 0), 0));
        l.channels.push_back(channels);
    }
    for (std::size_t level = 0; level < l.channels.size(); ++level) {
        int layers = 0;
        while (tensors.has(resnet(level, layers))) {
            ++layers;
        }
        if (level > 0 && layers != l.layers) {
            return fail(errc::unsupported, "level ", level, " of the VAE has ", layers,
                        " layers, the one before ", l.layers);
        }
        l.layers = layers;
    }
    return l;
}

} // namespace haiga::checkpoint
