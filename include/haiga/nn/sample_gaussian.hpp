#pragma once

#include "haiga/device/cpu/math.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

namespace haiga::nn {

/// z = mean + e^(v / 2) noise, where v, the logarithm of the variance, is held within [-30, 20].
///
/// Shapes: moments [..., 2C], the means and then the v of C channels; noise, z [..., C].
/// Backward: dmoments assigns; beyond its bounds v has no gradient. noise has none.
/// Source: Kingma and Welling 2013, arXiv:1312.6114, section 2.4; diffusers 0.42.1,
///         models/autoencoders/vae.py, DiagonalGaussianDistribution.
struct sample_gaussian_op {
    static constexpr std::string_view name = "sample_gaussian";
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct sample_gaussian_gradient {
    static constexpr std::string_view name = "sample_gaussian_gradient";
};

inline auto sample_gaussian(device::graph& g, device::value moments, device::value noise)
    -> device::value
{
    auto const& both = g.shape_of(moments);
    auto const dims = g.shape_of(noise);
    HAIGA_CHECK(both.elements() == 2 * dims.elements() && both[-1] == 2 * dims[-1] &&
                    g.info(noise).type == g.info(moments).type,
                "sample_gaussian: ", both, " with noise ", dims);
    auto const z = g.activation(g.info(moments).type, dims);
    g.emit(sample_gaussian_op{}, {moments, noise}, {z});
    return z;
}

inline void sample_gaussian_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dmoments = back.target(r.in[0]);
    back.traced().emit(sample_gaussian_gradient{},
                       {back.saved(r.in[0]), r.in[1], back.gradient(r.out[0])}, {dmoments});
    back.give(r.in[0], dmoments);
}

namespace detail {

template <class C>
inline constexpr C least_log_variance = C{-30};
template <class C>
inline constexpr C most_log_variance = C{20};

/// e^(v / 2)
template <class C>
auto deviation(C log_variance) -> C
{
    return device::math::exp(std::clamp(log_variance, least_log_variance<C>, most_log_variance<C>) /
                             2);
}

} // namespace detail

template <device::host B>
void run(B& b, sample_gaussian_op const&, device::arguments const& args)
{
    auto const n = args.out[0].shape()[-1];
    device::with_type(args.out[0].type(), [&]<class T>(T) {
        for_each_row(b, args.out[0].elements() / n, n, [&](std::int64_t r, int) {
            auto const* const mean = static_cast<T const*>(args.in[0].data()) + 2 * r * n;
            auto const* const noise = static_cast<T const*>(args.in[1].data()) + r * n;
            auto* const z = static_cast<T*>(args.out[0].data()) + r * n;
            for (std::int64_t c = 0; c < n; ++c) {
                device::store(z[c],
                              device::load(mean[c]) + detail::deviation(device::load(mean[n + c])) *
                                                          device::load(noise[c]));
            }
        });
    });
}

template <device::host B>
void run(B& b, sample_gaussian_gradient const&, device::arguments const& args)
{
    auto const n = args.in[1].shape()[-1];
    device::with_type(args.out[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        for_each_row(b, args.in[1].elements() / n, n, [&](std::int64_t r, int) {
            auto const* const log_variance =
                static_cast<T const*>(args.in[0].data()) + (2 * r + 1) * n;
            auto const* const noise = static_cast<T const*>(args.in[1].data()) + r * n;
            auto const* const dz = static_cast<T const*>(args.in[2].data()) + r * n;
            auto* const dmean = static_cast<T*>(args.out[0].data()) + 2 * r * n;
            for (std::int64_t c = 0; c < n; ++c) {
                auto const v = device::load(log_variance[c]);
                bool const inside =
                    v >= detail::least_log_variance<C> && v <= detail::most_log_variance<C>;
                auto const half = device::load(dz[c]) * device::load(noise[c]) / 2;
                dmean[c] = dz[c];
                device::store(dmean[n + c], inside ? half * detail::deviation(v) : C{});
            }
        });
    });
}

} // namespace haiga::nn
