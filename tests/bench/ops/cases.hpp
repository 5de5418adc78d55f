#pragma once

#include "tests/bench/ops/op_graph.hpp"

#include "haiga/nn/attention.hpp"
#include "haiga/nn/conv2d.hpp"
#include "haiga/nn/geglu.hpp"
#include "haiga/nn/group_norm.hpp"
#include "haiga/nn/layer_norm.hpp"
#include "haiga/nn/linear.hpp"

#include <functional>
#include <string>

namespace haiga::bench {

/// An op of some sizes; peer: the words by which ops.py makes the same.
struct op_case {
    std::string name;
    std::string peer;
    std::function<device::value(op_graph&)> trace;
};

inline auto normalized(std::int64_t batch, std::int64_t side, std::int64_t channels, int groups)
    -> op_case
{
    shape const dims{batch, side, side, channels};
    return {concat("group norm + SiLU ", dims),
            concat("group_norm ", batch, ' ', side, ' ', channels, ' ', groups), [=](op_graph& g) {
                return nn::group_norm(g.traced(), g.input(dims), g.weight({channels}),
                                      g.weight({channels}), {.groups = groups, .silu = true});
            }};
}

inline auto gated(std::int64_t batch, std::int64_t side, std::int64_t channels) -> op_case
{
    return {concat("GEGLU ", shape{batch, side, side, channels}),
            concat("geglu ", batch, ' ', side, ' ', channels), [=](op_graph& g) {
                return nn::geglu(g.traced(), g.input({batch, side, side, 2 * channels}));
            }};
}

inline auto layer_normalized(std::int64_t rows, std::int64_t width) -> op_case
{
    return {concat("layer norm ", shape{rows, width}), concat("layer_norm ", rows, ' ', width),
            [=](op_graph& g) {
                return nn::layer_norm(g.traced(), g.input({rows, width}), g.weight({width}),
                                      g.weight({width}));
            }};
}

inline auto attending(std::int64_t batch, std::int64_t tokens, std::int64_t heads,
                      std::int64_t width) -> op_case
{
    shape const dims{batch, tokens, heads * width};
    return {concat("attention ", dims, ", ", heads, " heads"),
            concat("attention ", batch, ' ', tokens, ' ', heads, ' ', width), [=](op_graph& g) {
                auto const q = g.input(dims);
                auto const k = g.input(dims);
                return nn::attention(g.traced(), q, k, g.input(dims), heads);
            }};
}

inline auto convolved(std::int64_t batch, std::int64_t side, std::int64_t channels) -> op_case
{
    return {concat("conv2d 3x3 ", shape{batch, side, side, channels}, " -> ", channels),
            concat("conv2d ", batch, ' ', side, ' ', channels), [=](op_graph& g) {
                return nn::conv2d(g.traced(), g.input({batch, side, side, channels}),
                                  g.weight({3, 3, channels, channels}), g.weight({channels}));
            }};
}

inline auto multiplied(std::int64_t rows, std::int64_t width) -> op_case
{
    return {concat("linear ", shape{rows, width}, " -> ", width),
            concat("linear ", rows, ' ', width), [=](op_graph& g) {
                return nn::linear(g.traced(), g.input({rows, width}), g.weight({width, width}),
                                  g.weight({width}));
            }};
}

/// Sizes of the demonstration's UNet, and of Stable Diffusion 1.5's at 64x64 latents.
inline auto op_cases() -> std::vector<op_case>
{
    return {normalized(8, 48, 32, 8),     normalized(2, 64, 320, 32),  gated(2, 64, 320),
            layer_normalized(131072, 32), layer_normalized(8192, 320), attending(8, 576, 4, 16),
            attending(2, 4096, 8, 40),    convolved(4, 32, 80),        multiplied(4096, 320)};
}

} // namespace haiga::bench
