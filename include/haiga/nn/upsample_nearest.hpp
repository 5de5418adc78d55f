#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

#include <cstring>

namespace haiga::nn {

/// Every pixel four times: twice as wide and twice as high.
///
/// Shapes: x [N, H, W, C] -> y [N, 2H, 2W, C].   Backward: dx, the sum of the four, assigns.
struct upsample_nearest_op {
    static constexpr std::string_view name = "upsample_nearest";
    static constexpr bool recomputable = true;
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct upsample_nearest_gradient {
    static constexpr std::string_view name = "upsample_nearest_gradient";
};

inline auto upsample_nearest(device::graph& g, device::value x) -> device::value
{
    auto const dims = g.shape_of(x);
    HAIGA_CHECK(dims.rank() == 4, "upsample_nearest: ", dims);
    auto const y = g.activation(g.info(x).type, {dims[0], 2 * dims[1], 2 * dims[2], dims[3]});
    g.emit(upsample_nearest_op{}, {x}, {y});
    return y;
}

inline void upsample_nearest_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dx = back.target(r.in[0]);
    back.traced().emit(upsample_nearest_gradient{}, {back.gradient(r.out[0])}, {dx});
    back.give(r.in[0], dx);
}

template <device::host B>
void run(B& b, upsample_nearest_op const&, device::arguments const& args)
{
    auto const& dims = args.in[0].shape();
    auto const pixel = static_cast<std::size_t>(dims[3]) * size_of(args.in[0].type());
    auto const line = static_cast<std::size_t>(dims[2]) * pixel;
    auto const* const x = static_cast<std::byte const*>(args.in[0].data());
    auto* const y = static_cast<std::byte*>(args.out[0].data());
    for_each_row(b, dims[0] * dims[1], 4 * dims[2] * dims[3], [&](std::int64_t r, int) {
        auto const* const from = x + static_cast<std::size_t>(r) * line;
        auto* const to = y + static_cast<std::size_t>(r) * 4 * line;
        for (std::size_t at = 0; at < line; at += pixel) {
            std::memcpy(to + 2 * at, from + at, pixel);
            std::memcpy(to + 2 * at + pixel, from + at, pixel);
        }
        std::memcpy(to + 2 * line, to, 2 * line);
    });
}

template <device::host B>
void run(B& b, upsample_nearest_gradient const&, device::arguments const& args)
{
    auto const& dims = args.out[0].shape();
    auto const [width, channels] = std::pair(dims[2], dims[3]);
    device::with_type(args.out[0].type(), [&]<class T>(T) {
        auto const* const dy = static_cast<T const*>(args.in[0].data());
        auto* const dx = static_cast<T*>(args.out[0].data());
        for_each_row(b, dims[0] * dims[1] * width, 4 * channels, [&](std::int64_t p, int) {
            auto const* const above = dy + (p / width * 4 * width + 2 * (p % width)) * channels;
            auto const* const below = above + 2 * width * channels;
            auto* const to = dx + p * channels;
            auto const n = channels;
            vectorised([=]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t c = 0; c < n; ++c) {
                    device::store(to[c], (device::load(above[c]) + device::load(above[n + c])) +
                                             (device::load(below[c]) + device::load(below[n + c])));
                }
            });
        });
    });
}

} // namespace haiga::nn
