#pragma once

#include "haiga/device/add.hpp"
#include "haiga/model/layers.hpp"
#include "haiga/nn/add_per_sample.hpp"

namespace haiga::model {

struct norm_options {
    int groups = 32;
    double eps = 1e-5;
};

/// x + conv(silu(norm(conv(silu(norm(x))) + linear(time)))).
///
/// Shapes: x [N, H, W, in], time [N, width] or none -> [N, H, W, out]. time has been through the
///         activation, once for all blocks. Where in differs from out, x passes a 1x1 convolution.
/// Source: diffusers 0.42.1, models/resnet.py, ResnetBlock2D.
inline auto resnet_block(scope const& at, value x, value time, std::int64_t out,
                         norm_options const& norm) -> value
{
    auto& g = at.traced();
    auto const block = at.block();
    nn::group_norm_options const normed{.groups = norm.groups, .eps = norm.eps, .silu = true};
    auto h = conv2d(at / "conv1", group_norm(at / "norm1", x, normed), out);
    if (time != value::none) {
        h = nn::add_per_sample(g, h, linear(at / "time_emb_proj", time, out));
    }
    h = conv2d(at / "conv2", group_norm(at / "norm2", h, normed), out);
    auto const same = at.extent(x, -1) == out;
    return device::add(g, same ? x : conv2d(at / "conv_shortcut", x, out, {.kernel = 1}), h);
}

} // namespace haiga::model
