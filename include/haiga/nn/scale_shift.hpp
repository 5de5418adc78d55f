#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::nn {

/// y = scale x + shift, two numbers for all elements. Backward: dx = scale dy, assigns.
struct scale_shift_op {
    static constexpr std::string_view name = "scale_shift";
    static constexpr bool recomputable = true;
    static constexpr std::array in_place{device::sharing{0, 0}};
    double scale = 1, shift = 0;
    static void differentiate(device::backward_pass& back, device::record const& r);
};

inline auto scale_shift(device::graph& g, device::value x, double scale, double shift = 0)
    -> device::value
{
    auto const y = g.activation(g.info(x).type, g.shape_of(x));
    g.emit(scale_shift_op{scale, shift}, {x}, {y});
    return y;
}

inline void scale_shift_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const scale = r.attrs.as<scale_shift_op>().scale;
    back.give(r.in[0], scale_shift(back.traced(), back.gradient(r.out[0]), scale));
}

template <device::host B>
void run(B& b, scale_shift_op const& op, device::arguments const& args)
{
    device::for_each_element(
        b,
        [scale = op.scale, shift = op.shift](auto x) HAIGA_INLINE_LAMBDA {
            using C = decltype(x);
            return static_cast<C>(scale) * x + static_cast<C>(shift);
        },
        args.out[0], args.in[0]);
}

} // namespace haiga::nn
