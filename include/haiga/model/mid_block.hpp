#pragma once

#include "haiga/model/down_block.hpp"

namespace haiga::model {

/// UNetMidBlock2DCrossAttn: a resnet block, then a transformer and a resnet block for each layer.
/// Without layers it is what the UNet makes of UNetMidBlock2D.
///
/// Shapes: x [N, H, W, C] -> the same.
/// Source: diffusers 0.42.1, models/unets/unet_2d_blocks.py.
inline auto mid_block(scope const& at, value x, conditions const& told,
                      level_options const& options) -> value
{
    x = resnet_block(at / "resnets" / 0, x, told.time, options.channels, options.norm);
    for (int i = 0; i < options.layers; ++i) {
        x = transformer_2d(at / "attentions" / i, x, told.context, options.transformer);
        x = resnet_block(at / "resnets" / (i + 1), x, told.time, options.channels, options.norm);
    }
    return x;
}

} // namespace haiga::model
