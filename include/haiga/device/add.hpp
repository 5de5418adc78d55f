#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::device {

template <host B>
void run(B& b, add_op const&, arguments const& args)
{
    for_each_element(
        b, [](auto x, auto y) HAIGA_INLINE_LAMBDA { return x + y; }, args.out[0], args.in[0],
        args.in[1]);
}

inline auto add(graph& g, value a, value b) -> value
{
    HAIGA_CHECK(g.shape_of(a) == g.shape_of(b), g.shape_of(a), " + ", g.shape_of(b));
    auto const y = g.activation(g.info(a).type, g.shape_of(a));
    g.emit(add_op{}, {a, b}, {y});
    return y;
}

} // namespace haiga::device
