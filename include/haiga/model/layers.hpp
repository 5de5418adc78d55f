#pragma once

#include "haiga/device/add.hpp"
#include "haiga/device/reshape.hpp"
#include "haiga/model/scope.hpp"
#include "haiga/nn/conv2d.hpp"
#include "haiga/nn/group_norm.hpp"
#include "haiga/nn/layer_norm.hpp"
#include "haiga/nn/linear.hpp"

#include <cmath>

namespace haiga::model {

/// Layers that declare their parameters and trace their op in one call. Widths of inputs are read
/// off the operands. They start as torch's constructors start them.
/// Source: pytorch 2.15.0, torch/nn/modules: linear.py, conv.py, reset_parameters().

namespace detail {

/// U(-1/sqrt(n), 1/sqrt(n)): what torch's kaiming_uniform_ with a = sqrt(5) comes to.
inline auto uniform_over(std::int64_t fan_in) -> device::initial
{
    return {device::initial::kind::uniform, 1 / std::sqrt(static_cast<double>(fan_in))};
}

inline auto affine(scope const& at, std::int64_t width) -> std::pair<value, value>
{
    auto const gamma =
        at.declare("weight", {width}, device::layout::plain, {device::initial::kind::ones});
    auto const beta =
        at.declare("bias", {width}, device::layout::plain, {device::initial::kind::zeros});
    return {gamma, beta};
}

} // namespace detail

/// Shapes: x [..., in] -> [..., out].
inline auto linear(scope const& at, value x, std::int64_t out, bool with_bias = true) -> value
{
    auto const in = at.extent(x, -1);
    auto const start = detail::uniform_over(in);
    auto const weight = at.declare("weight", {out, in}, device::layout::in_out, start);
    auto const bias =
        with_bias ? at.declare("bias", {out}, device::layout::plain, start) : value::none;
    return nn::linear(at.traced(), x, weight, bias);
}

struct conv2d_shape {
    std::int64_t kernel = 3;
    std::int64_t stride = 1;
    bool padded_behind = false; ///< by kernel - 2 behind the last row and column, nowhere else
};

/// Padded by half the kernel, if not told otherwise. Shapes: x [N, H, W, in] -> [N, H / stride, W /
/// stride, out].
inline auto conv2d(scope const& at, value x, std::int64_t out, conv2d_shape s = {}) -> value
{
    auto const in = at.extent(x, -1);
    auto const start = detail::uniform_over(in * s.kernel * s.kernel);
    auto const weight =
        at.declare("weight", {out, in, s.kernel, s.kernel}, device::layout::hwio, start);
    auto const bias = at.declare("bias", {out}, device::layout::plain, start);
    return nn::conv2d(at.traced(), x, weight, bias,
                      {.stride = s.stride,
                       .padding = s.padded_behind ? 0 : (s.kernel - 1) / 2,
                       .extra = s.padded_behind ? s.kernel - 2 : 0});
}

inline auto group_norm(scope const& at, value x, nn::group_norm_options const& options) -> value
{
    auto const [gamma, beta] = detail::affine(at, at.extent(x, -1));
    return nn::group_norm(at.traced(), x, gamma, beta, options);
}

inline auto layer_norm(scope const& at, value x, double eps = 1e-5) -> value
{
    auto const [gamma, beta] = detail::affine(at, at.extent(x, -1));
    return nn::layer_norm(at.traced(), x, gamma, beta, eps);
}

} // namespace haiga::model
