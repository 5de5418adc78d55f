#pragma once

#include "haiga/device/cpu/reduce.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::nn {

/// y = x W + b over the last axis.
///
/// Shapes: x [..., in], W [in, out] (checkpoints say [out, in]), b [out] or none, y [..., out].
/// Backward: dx = dy W^T, dW = x^T dy, db = the column sums of dy; all assign.
struct linear_op {
    static constexpr std::string_view name = "linear";
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct linear_input_gradient {
    static constexpr std::string_view name = "linear_input_gradient";
};
struct linear_weight_gradient {
    static constexpr std::string_view name = "linear_weight_gradient";
};
struct bias_gradient {
    static constexpr std::string_view name = "bias_gradient";
};

inline auto linear(device::graph& g, device::value x, device::value weight,
                   device::value bias = device::value::none) -> device::value
{
    auto const& w = g.shape_of(weight);
    auto dims = std::vector<std::int64_t>(g.shape_of(x).begin(), g.shape_of(x).end());
    HAIGA_CHECK(dims.back() == w[0], "linear: ", g.shape_of(x), " times ", w);
    dims.back() = w[1];
    auto const y = g.activation(shape(std::span<std::int64_t const>(dims)));
    g.emit(linear_op{}, {x, weight, bias}, {y});
    return y;
}

inline void linear_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const [x, weight, bias] = std::tuple(r.in[0], r.in[1], r.in[2]);
    auto const dy = back.gradient(r.out[0]);
    auto& g = back.traced();
    if (auto const db = back.target(bias); db != device::value::none) {
        g.emit(bias_gradient{}, {dy}, {db});
        back.give(bias, db);
    }
    if (auto const dw = back.target(weight); dw != device::value::none) {
        g.emit(linear_weight_gradient{}, {back.saved(x), dy}, {dw});
        back.give(weight, dw);
    }
    if (auto const dx = back.target(x); dx != device::value::none) {
        g.emit(linear_input_gradient{}, {dy, weight}, {dx});
        back.give(x, dx);
    }
}

template <device::backend B>
void run(B& b, linear_op const&, device::arguments const& args)
{
    b.multiply({.how = device::form::nn,
                .a = args.in[0],
                .b = args.in[1],
                .bias = args.in[2],
                .c = args.out[0]});
}

template <device::backend B>
void run(B& b, linear_input_gradient const&, device::arguments const& args)
{
    b.multiply({.how = device::form::nt, .a = args.in[0], .b = args.in[1], .c = args.out[0]});
}

template <device::backend B>
void run(B& b, linear_weight_gradient const&, device::arguments const& args)
{
    b.multiply({.how = device::form::tn, .a = args.in[0], .b = args.in[1], .c = args.out[0]});
}

template <device::host B>
void run(B& b, bias_gradient const&, device::arguments const& args)
{
    device::sum_rows(b, args.in[0], args.out[0]);
}

/// For a backend whose memory the host cannot read.
template <class B>
requires requires(B& b, any_view v) { b.sum_rows(v, v); }
void run(B& b, bias_gradient const&, device::arguments const& args)
{
    b.sum_rows(args.in[0], args.out[0]);
}

} // namespace haiga::nn
