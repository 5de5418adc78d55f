#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

#include <vector>

namespace haiga::nn {

/// The same tensor for each of n samples, in the graph's storage type.
///
/// Shapes: x [...] -> y [n, ...].   Backward: dx, the sum over samples in x's type, assigns.
struct repeat_batch_op {
    static constexpr std::string_view name = "repeat_batch";
    static constexpr bool recomputable = true;
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct repeat_batch_gradient {
    static constexpr std::string_view name = "repeat_batch_gradient";
};

inline auto repeat_batch(device::graph& g, device::value x, std::int64_t n) -> device::value
{
    auto const& of_one = g.shape_of(x);
    HAIGA_CHECK((g.info(x).type == dtype::f64) == (g.storage() == dtype::f64));
    std::vector<std::int64_t> dims{n};
    dims.insert(dims.end(), of_one.begin(), of_one.end());
    auto const y = g.activation(shape(std::span<std::int64_t const>(dims)));
    g.emit(repeat_batch_op{}, {x}, {y});
    return y;
}

inline void repeat_batch_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dx = back.target(r.in[0]);
    back.traced().emit(repeat_batch_gradient{}, {back.gradient(r.out[0])}, {dx});
    back.give(r.in[0], dx);
}

template <device::host B>
void run(B& b, repeat_batch_op const&, device::arguments const& args)
{
    auto const& y = args.out[0];
    auto const a_sample = args.in[0].bytes() / size_of(args.in[0].type()) * size_of(y.type());
    for (std::int64_t n = 0; n < y.shape()[0]; ++n) {
        auto* const to = static_cast<std::byte*>(y.data()) + static_cast<std::size_t>(n) * a_sample;
        device::for_each_element(
            b, [](auto x) HAIGA_INLINE_LAMBDA { return x; },
            any_view(to, y.type(), args.in[0].shape()), args.in[0]);
    }
}

template <device::host B>
void run(B& b, repeat_batch_gradient const&, device::arguments const& args)
{
    auto const samples = args.in[0].shape()[0];
    auto const elements = args.out[0].elements();
    device::with_type(args.in[0].type(), [&]<class I>(I) {
        device::with_type(args.out[0].type(), [&]<class O>(O) {
            if constexpr (std::is_same_v<device::compute_t<I>, device::compute_t<O>>) {
                auto const* const dy = static_cast<I const*>(args.in[0].data());
                auto* const dx = static_cast<O*>(args.out[0].data());
                device::for_each_piece(b, elements, [&](std::int64_t first, std::int64_t last) {
                    for (auto i = first; i < last; ++i) {
                        device::compute_t<I> sum{};
                        for (std::int64_t n = 0; n < samples; ++n) {
                            sum += device::load(dy[n * elements + i]);
                        }
                        device::store(dx[i], sum);
                    }
                });
            }
        });
    });
}

} // namespace haiga::nn
