#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::device {

/// The same elements under another shape. Nothing runs: the output is the input's memory.
struct reshape_op {
    static constexpr std::string_view name = "reshape";
    static constexpr bool is_view = true;

    static void differentiate(backward_pass& back, record const& r);
};

inline auto reshape(graph& g, value x, haiga::shape shape) -> value
{
    HAIGA_CHECK(g.shape_of(x).elements() == shape.elements(), g.shape_of(x), " as ", shape);
    auto const y = g.activation(g.info(x).type, shape);
    g.emit(reshape_op{}, {x}, {y});
    return y;
}

inline void reshape_op::differentiate(backward_pass& back, record const& r)
{
    auto const shape = back.traced().shape_of(r.in[0]);
    back.give(r.in[0], reshape(back.traced(), back.gradient(r.out[0]), shape));
}

template <host B>
void run(B& b, copy_op const&, arguments const& args)
{
    for_each_element(
        b, [](auto x) HAIGA_INLINE_LAMBDA { return x; }, args.out[0], args.in[0]);
}

} // namespace haiga::device
