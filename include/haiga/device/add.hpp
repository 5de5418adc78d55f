#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::device {

/// y = a + b, elementwise. Backward: both gradients are y's.
///
/// Shapes: a, b, y the same. y may lie where a or b does.
struct add_op {
    static constexpr std::string_view name = "add";
    static constexpr std::array in_place{sharing{0, 0}, sharing{0, 1}};

    static void differentiate(backward_pass& back, record const& r)
    {
        auto const dy = back.gradient(r.out[0]);
        back.give(r.in[0], dy);
        back.give(r.in[1], dy);
    }
};

template <host_backend B>
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

inline void backward_pass::accumulate(value into, value more, value out)
{
    graph_.emit(add_op{}, {into, more}, {out});
}

} // namespace haiga::device
