#pragma once

#include "haiga/device/reshape.hpp"
#include "haiga/model/resnet_block.hpp"
#include "haiga/model/transformer_block.hpp"

namespace haiga::model {

struct transformer_2d_options {
    int layers = 1;
    int groups = 32;
    bool use_linear_projection = false; ///< else 1x1 convolutions, as in Stable Diffusion 1
    transformer_options block = {};
};

/// x + what transformer blocks make of its pixels, taken as tokens.
///
/// Shapes: x [N, H, W, C], context [N, S, D] or none -> [N, H, W, C].
/// Source: diffusers 0.42.1, models/transformers/transformer_2d.py, Transformer2DModel, with its
///         epsilon of 1e-6 whatever the UNet's is.
inline auto transformer_2d(scope const& at, value x, value context,
                           transformer_2d_options const& options) -> value
{
    auto& g = at.traced();
    auto const picture = g.shape_of(x);
    auto const width = picture[3];
    shape const tokens{picture[0], picture[1] * picture[2], width};
    auto const project = [&](scope const& to, value from) {
        return options.use_linear_projection ? linear(to, from, width)
                                             : conv2d(to, from, width, {.kernel = 1});
    };
    auto h = group_norm(at / "norm", x, {.groups = options.groups, .eps = 1e-6});
    h = device::reshape(g, project(at / "proj_in", h), tokens);
    for (int i = 0; i < options.layers; ++i) {
        h = transformer_block(at / "transformer_blocks" / i, h, context, options.block);
    }
    return device::add(g, x, project(at / "proj_out", device::reshape(g, h, picture)));
}

} // namespace haiga::model
