#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

#include <cmath>
#include <numbers>

namespace haiga::nn {

/// Where a pixel is, as channels: sines and cosines of x, then of y, at doubling frequencies.
///
/// A convolution sees no position but through its zero padding; beside such planes a small model
/// learns in a fraction of the steps to paint what belongs where.
/// Shapes: -> [n, size, size, 4 * frequencies].
/// Source: Liu et al. 2018, arXiv:1807.03247; Tancik et al. 2020, arXiv:2006.10739.
struct coordinate_planes_op {
    static constexpr std::string_view name = "coordinate_planes";
    static constexpr bool recomputable = true;
    std::int64_t frequencies = 4;
};

inline auto coordinate_planes(device::graph& g, std::int64_t n, std::int64_t size,
                              std::int64_t frequencies) -> device::value
{
    HAIGA_CHECK(n > 0 && size > 0 && frequencies > 0 && frequencies <= 16);
    auto const planes = g.activation({n, size, size, 4 * frequencies});
    g.emit(coordinate_planes_op{frequencies}, {}, {planes});
    return planes;
}

/// The planes of one coordinate at pixel i of size; variance 1 over a whole period.
template <class C>
void waves_at(std::int64_t i, std::int64_t size, std::int64_t frequencies, C* out)
{
    double const u = (static_cast<double>(i) + 0.5) / static_cast<double>(size) * 2 - 1;
    double angle = std::numbers::pi / 2 * u;
    for (std::int64_t f = 0; f < frequencies; ++f, angle *= 2) {
        out[2 * f] = static_cast<C>(std::numbers::sqrt2 * std::sin(angle));
        out[2 * f + 1] = static_cast<C>(std::numbers::sqrt2 * std::cos(angle));
    }
}

template <device::host B>
void run(B& b, coordinate_planes_op const& op, device::arguments const& args)
{
    device::with_type(args.out[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        auto const size = args.out[0].shape()[1];
        auto const half = 2 * op.frequencies;
        auto* const waves =
            static_cast<C*>(b.shared_scratch(static_cast<std::size_t>(size * half) * sizeof(C)));
        for (std::int64_t i = 0; i < size; ++i) {
            waves_at(i, size, op.frequencies, waves + i * half);
        }
        auto* to = static_cast<T*>(args.out[0].data());
        for (std::int64_t row = 0; row < args.out[0].shape()[0] * size; ++row) {
            for (std::int64_t x = 0; x < size; ++x, to += 2 * half) {
                for (std::int64_t c = 0; c < half; ++c) {
                    device::store(to[c], waves[x * half + c]);
                    device::store(to[half + c], waves[row % size * half + c]);
                }
            }
        }
    });
}

} // namespace haiga::nn
