#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

#include <cmath>

namespace haiga::nn {

/// Sinusoids of a number: y[n] = sin(scale t[n] f_i) for all i and then cos, or the other way
/// round, with f_i = max_period^(-i / (half - downscale_freq_shift)), i in [0, half = dim / 2). An
/// odd dim ends in a zero.
///
/// Shapes: t [...] of any float type, counted as [N] -> y [N, dim].   Has no gradient.
/// Source: Vaswani et al. 2017, arXiv:1706.03762, 3.5; the options are those of Diffusers.
struct timestep_embedding_options {
    bool flip_sin_to_cos = true; ///< cosines first
    float downscale_freq_shift = 0;
    float scale = 1;
    float max_period = 10000;
};

struct timestep_embedding_op {
    static constexpr std::string_view name = "timestep_embedding";
    static constexpr bool recomputable = true;
    timestep_embedding_options options = {};
};

inline auto timestep_embedding(device::graph& g, device::value t, std::int64_t dim,
                               timestep_embedding_options const& options = {}) -> device::value
{
    HAIGA_CHECK(dim >= 2, "timestep_embedding: ", dim);
    auto const y = g.activation({g.shape_of(t).elements(), dim});
    g.emit(timestep_embedding_op{options}, {t}, {y});
    return y;
}

template <device::host B>
void run(B&, timestep_embedding_op const& op, device::arguments const& args)
{
    auto const [samples, dim] = std::pair(args.out[0].shape()[0], args.out[0].shape()[1]);
    auto const half = dim / 2;
    auto const& o = op.options;
    auto const decay = -std::log(double{o.max_period}) /
                       (static_cast<double>(half) - double{o.downscale_freq_shift});
    device::with_type(args.in[0].type(), [&]<class I>(I) {
        device::with_type(args.out[0].type(), [&]<class T>(T) {
            auto const* const t = static_cast<I const*>(args.in[0].data());
            for (std::int64_t n = 0; n < samples; ++n) {
                auto* const y = static_cast<T*>(args.out[0].data()) + n * dim;
                auto const put = [&](std::int64_t at, double x) {
                    device::store(y[at], static_cast<device::compute_t<T>>(x));
                };
                for (std::int64_t i = 0; i < half; ++i) {
                    auto const angle = double{o.scale} * static_cast<double>(t[n]) *
                                       std::exp(decay * static_cast<double>(i));
                    put(o.flip_sin_to_cos ? half + i : i, std::sin(angle));
                    put(o.flip_sin_to_cos ? i : half + i, std::cos(angle));
                }
                if (dim % 2 != 0) {
                    put(dim - 1, 0);
                }
            }
        });
    });
}

} // namespace haiga::nn
