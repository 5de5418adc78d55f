#pragma once

#include "haiga/model/down_block.hpp"
#include "haiga/nn/concat.hpp"

namespace haiga::model {

/// UpBlock2D, or CrossAttnUpBlock2D with attention. Each layer takes the last of skips away.
///
/// Shapes: x [N, H, W, C] -> [N, 2H, 2W, channels], or the size of the skip that comes next (H, W
///         without resample).
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
    if (!options.resample) {
        return x;
    }
    auto const next = at / "upsamplers" / 0;
    return skips.empty() ? upsample(next, x, options.channels)
                         : upsample(next, x, options.channels, at.extent(skips.back(), 1),
                                    at.extent(skips.back(), 2));
}

} // namespace haiga::model
