#pragma once

#include "haiga/device/reshape.hpp"
#include "haiga/model/autoencoder_config.hpp"
#include "haiga/model/resample.hpp"
#include "haiga/model/resnet_block.hpp"
#include "haiga/nn/attention.hpp"
#include "haiga/nn/sample_gaussian.hpp"
#include "haiga/nn/scale_shift.hpp"

namespace haiga::model {

namespace detail {

/// Whatever the configuration says, an autoencoder's epsilon is 1e-6.
inline auto autoencoder_norm(autoencoder_config const& c) -> norm_options
{
    return {.groups = c.norm_num_groups, .eps = 1e-6};
}

inline auto normed_silu(scope const& at, value x, autoencoder_config const& c) -> value
{
    auto const norm = autoencoder_norm(c);
    return group_norm(at, x, {.groups = norm.groups, .eps = norm.eps, .silu = true});
}

/// x + attention of its pixels to one another, with one head.
/// Source: diffusers 0.42.1, models/attention_processor.py, Attention with residual_connection.
inline auto pixel_attention(scope const& at, value x, norm_options const& norm) -> value
{
    auto& g = at.traced();
    auto const block = at.block();
    auto const picture = g.shape_of(x);
    auto const width = picture[3];
    auto const normed = group_norm(at / "group_norm", x, {.groups = norm.groups, .eps = norm.eps});
    auto const tokens = device::reshape(g, normed, {picture[0], picture[1] * picture[2], width});
    auto const q = linear(at / "to_q", tokens, width);
    auto const k = linear(at / "to_k", tokens, width);
    auto const v = linear(at / "to_v", tokens, width);
    auto const out = linear(at / "to_out" / 0, nn::attention(g, q, k, v, 1), width);
    return device::add(g, x, device::reshape(g, out, picture));
}

inline auto autoencoder_middle(scope const& at, value x, autoencoder_config const& c) -> value
{
    auto const norm = autoencoder_norm(c);
    auto const width = at.extent(x, 3);
    x = resnet_block(at / "resnets" / 0, x, value::none, width, norm);
    if (c.mid_block_add_attention) {
        x = pixel_attention(at / "attentions" / 0, x, norm);
    }
    return resnet_block(at / "resnets" / 1, x, value::none, width, norm);
}

inline auto autoencoder_layers(scope const& at, value x, std::int64_t channels, int layers,
                               autoencoder_config const& c) -> value
{
    for (int i = 0; i < layers; ++i) {
        x = resnet_block(at / "resnets" / i, x, value::none, channels, autoencoder_norm(c));
    }
    return x;
}

/// Shapes: [N, H, W, in_channels] -> [N, H / scale, W / scale, 2 latent_channels].
inline auto autoencoder_encoder(scope const& at, autoencoder_config const& c, value x) -> value
{
    x = conv2d(at / "conv_in", x, c.block_out_channels[0]);
    for (std::size_t i = 0; i < c.levels(); ++i) {
        auto const level = at / "down_blocks" / i;
        x = autoencoder_layers(level, x, c.block_out_channels[i], c.layers_per_block, c);
        if (i + 1 < c.levels()) {
            x = conv2d(level / "downsamplers" / 0 / "conv", x, c.block_out_channels[i],
                       {.stride = 2, .padded_behind = true});
        }
    }
    x = autoencoder_middle(at / "mid_block", x, c);
    return conv2d(at / "conv_out", normed_silu(at / "conv_norm_out", x, c), 2 * c.latent_channels);
}

/// Shapes: [N, h, w, latent_channels] -> [N, h scale, w scale, out_channels].
inline auto autoencoder_decoder(scope const& at, autoencoder_config const& c, value z) -> value
{
    auto x = conv2d(at / "conv_in", z, c.block_out_channels.back());
    x = autoencoder_middle(at / "mid_block", x, c);
    for (std::size_t i = 0; i < c.levels(); ++i) {
        auto const level = at / "up_blocks" / i;
        auto const channels = c.block_out_channels[c.levels() - 1 - i];
        x = autoencoder_layers(level, x, channels, c.layers_per_block + 1, c);
        if (i + 1 < c.levels()) {
            x = upsample(level / "upsamplers" / 0, x, channels);
        }
    }
    return conv2d(at / "conv_out", normed_silu(at / "conv_norm_out", x, c), c.out_channels);
}

} // namespace detail

/// Traces the way of Diffusers' AutoencoderKL from pictures to the moments of latents: means, and
/// behind them logarithms of variances.
///
/// Shapes: [N, H, W, in_channels] -> [N, H / scale, W / scale, 2 latent_channels]; H and W are
///         multiples of c.scale().   Units: pixels from -1 to 1.
/// Errors: a configuration that check() refuses is a caller's bug.
/// Source: Rombach et al. 2022, arXiv:2112.10752, appendix G; diffusers 0.42.1,
///         models/autoencoders/autoencoder_kl.py, vae.py.
inline auto encode_moments(scope const& at, autoencoder_config const& c, value pictures) -> value
{
    auto const checked = check(c);
    HAIGA_CHECK(checked.has_value(), checked.error().message);
    HAIGA_CHECK(at.extent(pictures, 1) % c.scale() == 0 &&
                    at.extent(pictures, 2) % c.scale() == 0 &&
                    at.extent(pictures, 3) == c.in_channels,
                at.traced().shape_of(pictures), " for ", c.in_channels, " channels, ", c.scale(),
                " pixels a latent");
    auto const h = detail::autoencoder_encoder(at / "encoder", c, pictures);
    return c.use_quant_conv ? conv2d(at / "quant_conv", h, 2 * c.latent_channels, {.kernel = 1})
                            : h;
}

/// Latents as a UNet sees them, drawn from their moments; noise of a standard normal distribution.
///
/// Shapes: moments [N, h, w, 2 latent_channels], noise [N, h, w, latent_channels] -> noise's.
inline auto sample_latents(device::graph& g, autoencoder_config const& c, value moments,
                           value noise) -> value
{
    auto const shift = c.shift_factor.value_or(0);
    return nn::scale_shift(g, nn::sample_gaussian(g, moments, noise), c.scaling_factor,
                           -shift * c.scaling_factor);
}

/// Traces the way back: pictures of latents as a UNet sees them.
///
/// Shapes: [N, h, w, latent_channels] -> [N, h scale, w scale, out_channels].
/// Units: pixels from -1 to 1, and a little beyond.
/// Errors and source: as encode_moments.
inline auto decode_latents(scope const& at, autoencoder_config const& c, value latents) -> value
{
    auto const checked = check(c);
    HAIGA_CHECK(checked.has_value(), checked.error().message);
    HAIGA_CHECK(at.extent(latents, 3) == c.latent_channels, at.traced().shape_of(latents));
    auto z =
        nn::scale_shift(at.traced(), latents, 1 / c.scaling_factor, c.shift_factor.value_or(0));
    if (c.use_post_quant_conv) {
        z = conv2d(at / "post_quant_conv", z, c.latent_channels, {.kernel = 1});
    }
    return detail::autoencoder_decoder(at / "decoder", c, z);
}

} // namespace haiga::model
