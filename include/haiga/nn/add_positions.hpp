#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

namespace haiga::nn {

/// y = x + table[position]: learned positions, added to the tokens of every sample.
///
/// Shapes: x, y [N, T, C], table [P, C] with P >= T.
/// Backward: dx is dy; dtable assigns the sums over samples, and zeros behind the first T rows.
struct add_positions_op {
    static constexpr std::string_view name = "add_positions";
    static constexpr std::array in_place{device::sharing{0, 0}};
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct add_positions_gradient {
    static constexpr std::string_view name = "add_positions_gradient";
};

inline auto add_positions(device::graph& g, device::value x, device::value table) -> device::value
{
    auto const dims = g.shape_of(x);
    auto const rows = g.shape_of(table);
    HAIGA_CHECK(dims.rank() == 3 && rows.rank() == 2 && dims[1] <= rows[0] && dims[2] == rows[1] &&
                    g.info(table).type == g.parameter_type(),
                "add_positions: ", dims, " + ", rows);
    auto const y = g.activation(g.info(x).type, dims);
    g.emit(add_positions_op{}, {x, table}, {y});
    return y;
}

inline void add_positions_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dy = back.gradient(r.out[0]);
    back.give(r.in[0], dy);
    if (auto const dtable = back.target(r.in[1]); dtable != device::value::none) {
        back.traced().emit(add_positions_gradient{}, {dy}, {dtable});
        back.give(r.in[1], dtable);
    }
}

template <device::host B>
void run(B& b, add_positions_op const&, device::arguments const& args)
{
    auto const& dims = args.in[0].shape();
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        for_each_row(b, dims[0] * dims[1], dims[2], [&](std::int64_t r, int) {
            auto const* const x = static_cast<T const*>(args.in[0].data()) + r * dims[2];
            auto const* const e = static_cast<C const*>(args.in[1].data()) + r % dims[1] * dims[2];
            auto* const y = static_cast<T*>(args.out[0].data()) + r * dims[2];
            vectorised([=, width = dims[2]]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t c = 0; c < width; ++c) {
                    device::store(y[c], device::load(x[c]) + e[c]);
                }
            });
        });
    });
}

template <device::host B>
void run(B& b, add_positions_gradient const&, device::arguments const& args)
{
    auto const& dims = args.in[0].shape();
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        for_each_row(b, args.out[0].shape()[0], dims[0] * dims[2], [&](std::int64_t t, int) {
            auto* const to = static_cast<C*>(args.out[0].data()) + t * dims[2];
            std::fill_n(to, dims[2], C{});
            for (std::int64_t n = 0; t < dims[1] && n < dims[0]; ++n) {
                auto const* const dy =
                    static_cast<T const*>(args.in[0].data()) + (n * dims[1] + t) * dims[2];
                vectorised([=, width = dims[2]]() HAIGA_INLINE_LAMBDA {
                    for (std::int64_t c = 0; c < width; ++c) {
                        to[c] += device::load(dy[c]);
                    }
                });
            }
        });
    });
}

} // namespace haiga::nn
