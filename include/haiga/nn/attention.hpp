#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/cpu/attention.hpp"
#include "haiga/nn/cpu/attention_backward.hpp"
#include "haiga/nn/cpu/attention_tiles_backward.hpp"

namespace haiga::nn {

/// y = softmax(q k^T / sqrt(d)) v, head by head; self-attention where q, k and v come from one
/// tensor, cross-attention where k and v come from another. With a causal mask a query sees the
/// keys up to its own position.
///
/// Shapes: q, y [N, T, heads * d]; k, v [N, S, heads * d], S = T if causal; the second output, for
///         the backward pass, [N, heads, T]: log2 of each query's sum of 2^(score * log2 e).
/// Backward: assigns the gradients of q, k and v; those that nobody wants are not given.
/// Cost: T x S is never stored; the backward pass computes it again, block by block. Blocks that a
///       mask hides are not computed.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1; Milakov and Gimelshein 2018,
///         arXiv:1805.02867, algorithm 3; Dao et al. 2022, arXiv:2205.14135, algorithm 4.
struct attention_op {
    static constexpr std::string_view name = "attention";
    std::int64_t heads = 1;
    attention_mask mask = attention_mask::none;

    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct attention_gradient {
    static constexpr std::string_view name = "attention_gradient";
    std::int64_t heads = 1;
    attention_mask mask = attention_mask::none;
};

inline auto attention(device::graph& g, device::value q, device::value k, device::value v,
                      std::int64_t heads, attention_mask mask = attention_mask::none)
    -> device::value
{
    auto const queries = g.shape_of(q);
    auto const keys = g.shape_of(k);
    HAIGA_CHECK(queries.rank() == 3 && keys.rank() == 3 && keys == g.shape_of(v) &&
                    queries[0] == keys[0] && queries[2] == keys[2] && keys[1] > 0,
                "attention: q ", queries, ", k ", keys, ", v ", g.shape_of(v));
    HAIGA_CHECK(heads > 0 && queries[2] % heads == 0, queries[2], " channels, ", heads, " heads");
    HAIGA_CHECK(mask == attention_mask::none || queries[1] == keys[1], "a causal mask for ",
                queries[1], " queries and ", keys[1], " keys");
    auto const y = g.activation(queries);
    auto const sums = g.activation(g.parameter_type(), {queries[0], heads, queries[1]});
    g.emit(attention_op{heads, mask}, {q, k, v}, {y, sums});
    return y;
}

inline void attention_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dy = back.gradient(r.out[0]);
    if (dy == device::value::none) {
        return;
    }
    auto const [q, k, v] = std::tuple(r.in[0], r.in[1], r.in[2]);
    auto const targets = std::vector{back.target(q), back.target(k), back.target(v)};
    auto const op = r.attrs.as<attention_op>();
    back.traced().emit(attention_gradient{op.heads, op.mask},
                       {back.saved(q), back.saved(k), back.saved(v), back.saved(r.out[0]),
                        back.saved(r.out[1]), dy},
                       targets);
    back.give(q, targets[0]);
    back.give(k, targets[1]);
    back.give(v, targets[2]);
}

template <device::host_backend B>
void run(B& b, attention_op const& op, device::arguments const& args)
{
    cpu::attention_extents const e(op.heads, op.mask, args.in[0].shape(), args.in[1].shape());
    device::with_type(args.out[0].type(), [&]<class T>(T) {
#if HAIGA_AMX
        if constexpr (B::bf16_tiles && std::is_same_v<T, bf16>) {
            if (cpu::attention_in_tiles<B>::suits(e)) {
                return cpu::attention_in_tiles<B>(b, e, args).run();
            }
        }
#endif
        cpu::attention_forward<B, T>(b, e, args).run();
    });
}

template <device::host_backend B>
void run(B& b, attention_gradient const& op, device::arguments const& args)
{
    cpu::attention_extents const e(op.heads, op.mask, args.in[0].shape(), args.in[1].shape());
    device::with_type(args.in[0].type(), [&]<class T>(T) {
#if HAIGA_AMX
        if constexpr (B::bf16_tiles && std::is_same_v<T, bf16>) {
            if (cpu::attention_in_tiles<B>::suits(e)) {
                return cpu::attention_gradient_in_tiles<B>(b, e, args).run();
            }
        }
#endif
        cpu::attention_backward<B, T>(b, e, args).run();
    });
}

} // namespace haiga::nn
