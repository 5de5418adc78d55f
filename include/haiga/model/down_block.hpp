#pragma once

#include "haiga/model/resample.hpp"
#include "haiga/model/transformer_2d.hpp"

#include <vector>

namespace haiga::model {

/// What every block of a UNet is told.
struct conditions {
    value time = value::none;    ///< [N, width], after the activation
    value context = value::none; ///< [N, T, D]
};

/// One level of a UNet, down, up or in the middle.
struct level_options {
    std::int64_t channels = 0;
    int layers = 1;
    bool attention = false;
    bool resample = false; ///< halve (down) or double (up) at the end
    norm_options norm = {};
    transformer_2d_options transformer = {};
};

/// DownBlock2D, or CrossAttnDownBlock2D with attention.
///
/// Shapes: x [N, H, W, C] -> [N, H/2, W/2, channels] (H, W without resample). What each layer and
///         the downsampler give is appended to skips.
/// Source: diffusers 0.42.1, models/unets/unet_2d_blocks.py.
inline auto down_block(scope const& at, value x, conditions const& told,
                       level_options const& options, std::vector<value>& skips) -> value
{
    for (int i = 0; i < options.layers; ++i) {
        x = resnet_block(at / "resnets" / i, x, told.time, options.channels, options.norm);
        if (options.attention) {
            x = transformer_2d(at / "attentions" / i, x, told.context, options.transformer);
        }
        skips.push_back(x);
    }
    if (options.resample) {
        x = downsample(at / "downsamplers" / 0, x, options.channels);
        skips.push_back(x);
    }
    return x;
}

} // namespace haiga::model
