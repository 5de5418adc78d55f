#pragma once

#include "haiga/device/add.hpp"
#include "haiga/model/layers.hpp"
#include "haiga/nn/attention.hpp"
#include "haiga/nn/geglu.hpp"

namespace haiga::model {

/// Attention of x's tokens to context's; x is its own context for self-attention.
///
/// Shapes: x [N, T, C], context [N, S, D] -> [N, T, C]; heads divides C.
/// Source: diffusers 0.42.1, models/attention_processor.py, Attention, AttnProcessor2_0.
inline auto attention(scope const& at, value x, value context, int heads) -> value
{
    auto const width = at.extent(x, -1);
    auto const q = linear(at / "to_q", x, width, false);
    auto const k = linear(at / "to_k", context, width, false);
    auto const v = linear(at / "to_v", context, width, false);
    return linear(at / "to_out" / 0, nn::attention(at.traced(), q, k, v, heads), width);
}

struct transformer_options {
    int heads = 8;
    bool only_cross_attention = false;  ///< the first attention looks at the context too
    bool double_self_attention = false; ///< neither looks at the context
};

/// Self-attention, attention to the context, feed-forward; each normalised before and added.
///
/// Shapes: x [N, T, C], context [N, S, D] or none -> [N, T, C]. With nothing to look at there is no
///         second attention.
/// Source: diffusers 0.42.1, models/attention.py, BasicTransformerBlock, FeedForward.
inline auto transformer_block(scope const& at, value x, value context,
                              transformer_options const& options) -> value
{
    auto& g = at.traced();
    auto const block = at.block();
    auto const normed = layer_norm(at / "norm1", x);
    x = device::add(g, x,
                    attention(at / "attn1", normed, options.only_cross_attention ? context : normed,
                              options.heads));
    if (context != value::none || options.double_self_attention) {
        auto const query = layer_norm(at / "norm2", x);
        auto const seen = options.double_self_attention ? query : context;
        x = device::add(g, x, attention(at / "attn2", query, seen, options.heads));
    }
    auto const width = at.extent(x, -1);
    auto const ff = at / "ff" / "net";
    auto const gated =
        nn::geglu(g, linear(ff / 0 / "proj", layer_norm(at / "norm3", x), 8 * width));
    return device::add(g, x, linear(ff / 2, gated, width));
}

} // namespace haiga::model
