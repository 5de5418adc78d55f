#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

#include <cstring>

namespace haiga::nn {

/// Every pixel four times: twice as wide and twice as high, or one less, as halving an odd size
/// rounds up.
///
/// Shapes: x [N, H, W, C] -> y [N, 2H or 2H - 1, 2W or 2W - 1, C].
/// Backward: dx, the sum of the four (or as many as there are), assigns.
struct upsample_nearest_op {
    static constexpr std::string_view name = "upsample_nearest";
    static constexpr bool recomputable = true;
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct upsample_nearest_gradient {
    static constexpr std::string_view name = "upsample_nearest_gradient";
};

/// Errors: a size that halving does not lead back from is a caller's bug.
inline auto upsample_nearest(device::graph& g, device::value x, std::int64_t height,
                             std::int64_t width) -> device::value
{
    auto const dims = g.shape_of(x);
    HAIGA_CHECK(dims.rank() == 4 && (height + 1) / 2 == dims[1] && (width + 1) / 2 == dims[2],
                "upsample_nearest: ", dims, " to ", height, " x ", width);
    auto const y = g.activation(g.info(x).type, {dims[0], height, width, dims[3]});
    g.emit(upsample_nearest_op{}, {x}, {y});
    return y;
}

inline auto upsample_nearest(device::graph& g, device::value x) -> device::value
{
    auto const dims = g.shape_of(x);
    HAIGA_CHECK(dims.rank() == 4, "upsample_nearest: ", dims);
    return upsample_nearest(g, x, 2 * dims[1], 2 * dims[2]);
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
    auto const& wide = args.out[0].shape();
    auto const pixel = static_cast<std::size_t>(dims[3]) * size_of(args.in[0].type());
    auto const line = static_cast<std::size_t>(dims[2]) * pixel;
    auto const wide_line = static_cast<std::size_t>(wide[2]) * pixel;
    auto const* const x = static_cast<std::byte const*>(args.in[0].data());
    auto* const y = static_cast<std::byte*>(args.out[0].data());
    for_each_row(b, dims[0] * dims[1], 4 * dims[2] * dims[3], [&](std::int64_t r, int) {
        auto const* const from = x + static_cast<std::size_t>(r) * line;
        auto const top = r / dims[1] * wide[1] + 2 * (r % dims[1]);
        auto* const to = y + static_cast<std::size_t>(top) * wide_line;
        for (std::size_t at = 0; at < wide_line; at += pixel) {
            std::memcpy(to + at, from + at / pixel / 2 * pixel, pixel);
        }
        if (2 * (r % dims[1]) + 1 < wide[1]) {
            std::memcpy(to + wide_line, to, wide_line);
        }
    });
}

template <device::host B>
void run(B& b, upsample_nearest_gradient const&, device::arguments const& args)
{
    auto const& dims = args.out[0].shape();
    auto const& wide = args.in[0].shape();
    auto const [width, channels] = std::pair(dims[2], dims[3]);
    device::with_type(args.out[0].type(), [&]<class T>(T) {
        auto const* const dy = static_cast<T const*>(args.in[0].data());
        auto* const dx = static_cast<T*>(args.out[0].data());
        for_each_row(b, dims[0] * dims[1] * width, 4 * channels, [&](std::int64_t p, int) {
            auto const row = p / width;
            auto const left = 2 * (p % width);
            auto const top = row / dims[1] * wide[1] + 2 * (row % dims[1]);
            auto const* const above = dy + (top * wide[2] + left) * channels;
            // what is beyond the edge is left out: it reads the same pixel, times zero
            bool const right = left + 1 < wide[2];
            bool const down = 2 * (row % dims[1]) + 1 < wide[1];
            auto const* const beside = above + (right ? channels : 0);
            auto const below = down ? wide[2] * channels : 0;
            float const r = right ? 1 : 0;
            float const d = down ? 1 : 0;
            auto* const to = dx + p * channels;
            auto const n = channels;
            vectorised([=]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t c = 0; c < n; ++c) {
                    device::store(to[c], (device::load(above[c]) + r * device::load(beside[c])) +
                                             d * (device::load(above[below + c]) +
                                                  r * device::load(beside[below + c])));
                }
            });
        });
    });
}

} // namespace haiga::nn
