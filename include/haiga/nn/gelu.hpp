#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/cpu/math.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::nn {

/// y = x P(X < x) for a standard normal X, the exact form: x (1 + erf(x / sqrt 2)) / 2,
/// elementwise. Backward: dx assigns, and reads x.
/// Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.
struct gelu_op {
    static constexpr std::string_view name = "gelu";
    static constexpr bool recomputable = true;
    static constexpr std::array in_place{device::sharing{0, 0}};
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct gelu_gradient {
    static constexpr std::string_view name = "gelu_gradient";
    static constexpr std::array in_place{device::sharing{0, 1}};
};

inline auto gelu(device::graph& g, device::value x) -> device::value
{
    auto const y = g.activation(g.info(x).type, g.shape_of(x));
    g.emit(gelu_op{}, {x}, {y});
    return y;
}

inline void gelu_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dx = back.target(r.in[0]);
    back.traced().emit(gelu_gradient{}, {back.saved(r.in[0]), back.gradient(r.out[0])}, {dx});
    back.give(r.in[0], dx);
}

template <device::host B>
void run(B& b, gelu_op const&, device::arguments const& args)
{
    device::for_each_element(
        b, [](auto x) HAIGA_INLINE_LAMBDA { return x * device::math::normal_at(x).below; },
        args.out[0], args.in[0]);
}

template <device::host B>
void run(B& b, gelu_gradient const&, device::arguments const& args)
{
    device::for_each_element(
        b,
        [](auto x, auto dy) HAIGA_INLINE_LAMBDA {
            auto const normal = device::math::normal_at(x);
            return dy * (normal.below + x * normal.density);
        },
        args.out[0], args.in[0], args.in[1]);
}

} // namespace haiga::nn
