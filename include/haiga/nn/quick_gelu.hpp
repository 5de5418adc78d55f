#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/cpu/math.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::nn {

/// y = x sigmoid(1.702 x), elementwise: what CLIP has for GELU. Backward: dx assigns, and reads x.
/// Source: Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2; Radford et al. 2021,
///         github.com/openai/CLIP, clip/model.py, QuickGELU.
struct quick_gelu_op {
    static constexpr std::string_view name = "quick_gelu";
    static constexpr bool recomputable = true;
    static constexpr std::array in_place{device::sharing{0, 0}};
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct quick_gelu_gradient {
    static constexpr std::string_view name = "quick_gelu_gradient";
    static constexpr std::array in_place{device::sharing{0, 1}};
};

inline auto quick_gelu(device::graph& g, device::value x) -> device::value
{
    auto const y = g.activation(g.info(x).type, g.shape_of(x));
    g.emit(quick_gelu_op{}, {x}, {y});
    return y;
}

inline void quick_gelu_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dx = back.target(r.in[0]);
    back.traced().emit(quick_gelu_gradient{}, {back.saved(r.in[0]), back.gradient(r.out[0])}, {dx});
    back.give(r.in[0], dx);
}

namespace detail {

template <class C>
inline constexpr C quick_gelu_slope = static_cast<C>(1.702);

} // namespace detail

template <device::host B>
void run(B& b, quick_gelu_op const&, device::arguments const& args)
{
    device::for_each_element(
        b,
        [](auto x) HAIGA_INLINE_LAMBDA {
            return x * device::math::sigmoid(detail::quick_gelu_slope<decltype(x)> * x);
        },
        args.out[0], args.in[0]);
}

template <device::host B>
void run(B& b, quick_gelu_gradient const&, device::arguments const& args)
{
    device::for_each_element(
        b,
        [](auto x, auto dy) HAIGA_INLINE_LAMBDA {
            constexpr auto slope = detail::quick_gelu_slope<decltype(x)>;
            auto const s = device::math::sigmoid(slope * x);
            return dy * (s + x * s * (1 - s) * slope); // in this order nothing overflows
        },
        args.out[0], args.in[0], args.in[1]);
}

} // namespace haiga::nn
