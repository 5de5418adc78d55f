#pragma once

#include "haiga/model/layers.hpp"
#include "haiga/nn/upsample_nearest.hpp"

namespace haiga::model {

/// Half the picture by a convolution of stride 2. Shapes: x [N, H, W, C] -> [N, H/2, W/2, out].
/// Source: diffusers 0.42.1, models/downsampling.py, Downsample2D.
inline auto downsample(scope const& at, value x, std::int64_t out) -> value
{
    return conv2d(at / "conv", x, out, {.stride = 2});
}

/// Twice the picture: pixels repeated, then convolved. Shapes: x [N, H, W, C] -> [N, 2H, 2W, out].
/// Source: diffusers 0.42.1, models/upsampling.py, Upsample2D.
inline auto upsample(scope const& at, value x, std::int64_t out) -> value
{
    return conv2d(at / "conv", nn::upsample_nearest(at.traced(), x), out);
}

} // namespace haiga::model
