#pragma once

#include "haiga/model/down_block.hpp"
#include "haiga/nn/concat.hpp"

namespace haiga::model {

/// UpBlock2D, or CrossAttnUpBlock2D with attention. Each layer takes the last of skips away.
///
/// Shapes: x [N, H, W, C] -> [N, 2H, 2W, channels] (H, W without resample).
/// Source: diffusers 0.42.1, models/unets/unet_2d_blocks.py.
inline auto up_block(scope const& at, value x, conditions const& told, level_options const& options,
                     std::vector<value>& skips) -> value
{
    for (int i = 0; i < options.layers; ++i) {
        HAIGA_CHECK(!skips.empty(), at.name());
        x = nn::concat(at.traced(), x, skips.back());
        skips.pop_back();
        x = resnet_block(at / "resnets" / i, x, told.time, options.channels, options.norm);
        if (options.attention) {
            x = transformer_2d(at / "attentions" / i, x, told.context, options.transformer);
        }
    }
    return options.resample ? upsample(at / "upsamplers" / 0, x, options.channels) : x;
}

} // namespace haiga::model
