#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/cpu/math.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::nn {

/// y = x sigmoid(x), elementwise. Backward: dx assigns, and reads x.
/// Source: Elfwing, Uchibe and Doya 2017, arXiv:1702.03118.
struct silu_op {
    static constexpr std::string_view name = "silu";
    static constexpr bool recomputable = true;
    static constexpr std::array in_place{device::sharing{0, 0}};
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct silu_gradient {
    static constexpr std::string_view name = "silu_gradient";
    static constexpr std::array in_place{device::sharing{0, 1}};
};

inline auto silu(device::graph& g, device::value x) -> device::value
{
    auto const y = g.activation(g.info(x).type, g.shape_of(x));
    g.emit(silu_op{}, {x}, {y});
    return y;
}

inline void silu_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dx = back.target(r.in[0]);
    back.traced().emit(silu_gradient{}, {back.saved(r.in[0]), back.gradient(r.out[0])}, {dx});
    back.give(r.in[0], dx);
}

/// dy silu'(x). Both vanish for large negative x, where nothing here overflows.
template <class C>
HAIGA_ALWAYS_INLINE auto through_silu(C x, C dy) -> C
{
    auto const s = device::math::sigmoid(x);
    return dy * (s + x * s * (C{1} - s));
}

template <device::host B>
void run(B& b, silu_op const&, device::arguments const& args)
{
    device::for_each_element(
        b, [](auto x) HAIGA_INLINE_LAMBDA { return x * device::math::sigmoid(x); }, args.out[0],
        args.in[0]);
}

template <device::host B>
void run(B& b, silu_gradient const&, device::arguments const& args)
{
    device::for_each_element(
        b, [](auto x, auto dy) HAIGA_INLINE_LAMBDA { return through_silu(x, dy); }, args.out[0],
        args.in[0], args.in[1]);
}

} // namespace haiga::nn
