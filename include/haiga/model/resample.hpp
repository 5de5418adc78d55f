#pragma once

#include "haiga/model/layers.hpp"
#include "haiga/nn/upsample_nearest.hpp"

namespace haiga::model {

/// Half the picture by a convolution of stride 2, odd sides rounded up.
/// Shapes: x [N, H, W, C] -> [N, H/2, W/2, out].
/// Source: diffusers 0.42.1, models/downsampling.py, Downsample2D.
inline auto downsample(scope const& at, value x, std::int64_t out) -> value
{
    return conv2d(at / "conv", x, out, {.stride = 2});
}

/// Twice the picture, or to the size that was halved: pixels repeated, then convolved.
/// Shapes: x [N, H, W, C] -> [N, 2H, 2W, out].
/// Source: diffusers 0.42.1, models/upsampling.py, Upsample2D.
inline auto upsample(scope const& at, value x, std::int64_t out, std::int64_t height,
                     std::int64_t width) -> value
{
    return conv2d(at / "conv", nn::upsample_nearest(at.traced(), x, height, width), out);
}

inline auto upsample(scope const& at, value x, std::int64_t out) -> value
{
    return upsample(at, x, out, 2 * at.extent(x, 1), 2 * at.extent(x, 2));
}

} // namespace haiga::model
