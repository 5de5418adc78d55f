#pragma once

#include "haiga/device/cpu/lanes.hpp"
#include "haiga/device/cpu/reduce.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

#include <cmath>

namespace haiga::nn {

/// y = gamma (x - mean) / sqrt(variance + eps) + beta over the last axis.
///
/// Shapes: x, y [..., C], gamma and beta [C].
/// Backward: one op assigns dx, dgamma and dbeta; it reads x and takes a row's mean and deviation
/// again, which costs less than keeping them.
/// Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.
struct layer_norm_op {
    static constexpr std::string_view name = "layer_norm";
    static constexpr bool recomputable = true;
    static constexpr std::array in_place{device::sharing{0, 0}};
    double eps = 0;
    static void differentiate(device::backward_pass& back, device::record const& r);
};

/// Reads x, gamma, dy; writes dx, dgamma, dbeta. dx may lie where dy does.
struct layer_norm_gradient {
    static constexpr std::string_view name = "layer_norm_gradient";
    static constexpr std::array in_place{device::sharing{0, 2}};
    double eps = 0;
};

inline auto layer_norm(device::graph& g, device::value x, device::value gamma, device::value beta,
                       double eps = 1e-5) -> device::value
{
    auto const& dims = g.shape_of(x);
    HAIGA_CHECK(g.shape_of(gamma) == shape({dims[-1]}) && g.shape_of(beta) == g.shape_of(gamma),
                "layer_norm: ", dims, " by ", g.shape_of(gamma));
    auto const y = g.activation(g.info(x).type, shape(dims));
    g.emit(layer_norm_op{eps}, {x, gamma, beta}, {y});
    return y;
}

inline void layer_norm_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const [x, gamma, beta] = std::tuple(r.in[0], r.in[1], r.in[2]);
    auto const dx = back.target(x);
    auto const dgamma = back.target(gamma);
    auto const dbeta = back.target(beta);
    back.traced().emit(layer_norm_gradient{r.attrs.as<layer_norm_op>().eps},
                       {back.saved(x), gamma, back.gradient(r.out[0])}, {dx, dgamma, dbeta});
    back.give(x, dx);
    back.give(gamma, dgamma);
    back.give(beta, dbeta);
}

namespace detail {

/// A row's mean and 1 / deviation, in two passes over what the first has brought into cache.
template <class C>
struct row_moments {
    C mean, factor;

    template <class T>
    HAIGA_ALWAYS_INLINE row_moments(T const* x, std::int64_t n, double eps)
    {
        auto const count = static_cast<C>(n);
        auto const m =
            device::sum_lanes<C>(n, [=](std::int64_t i)
                                        HAIGA_INLINE_LAMBDA { return device::load(x[i]); }) /
            count;
        auto const squares = device::sum_lanes<C>(n, [=](std::int64_t i) HAIGA_INLINE_LAMBDA {
            auto const d = device::load(x[i]) - m;
            return d * d;
        });
        mean = m;
        factor = C{1} / std::sqrt(squares / count + static_cast<C>(eps));
    }
};

/// totals, two rows of n, grow by dy and by dy (x - mean) / deviation; dx may be null.
template <class T, class C>
HAIGA_ALWAYS_INLINE void layer_norm_row_gradient(T const* x, C const* gamma, T const* dy, T* dx,
                                                 std::int64_t n, double eps,
                                                 C* HAIGA_RESTRICT totals)
{
    row_moments<C> const m(x, n, eps);
    auto const [mean, factor] = m;
    auto const mean_of = [=](auto const& f) HAIGA_INLINE_LAMBDA {
        return device::sum_lanes<C>(n, f) / static_cast<C>(n);
    };
    for (std::int64_t c = 0; c < n; ++c) {
        auto const d = device::load(dy[c]);
        totals[c] += d;
        totals[n + c] += d * ((device::load(x[c]) - mean) * factor);
    }
    if (dx == nullptr) {
        return;
    }
    auto const constant =
        mean_of([=](std::int64_t i) HAIGA_INLINE_LAMBDA { return device::load(dy[i]) * gamma[i]; });
    auto const slope = mean_of([=](std::int64_t i) HAIGA_INLINE_LAMBDA {
        return device::load(dy[i]) * gamma[i] * ((device::load(x[i]) - mean) * factor);
    });
    for (std::int64_t c = 0; c < n; ++c) {
        auto const normed = (device::load(x[c]) - mean) * factor;
        device::store(dx[c], factor * (device::load(dy[c]) * gamma[c] - constant - normed * slope));
    }
}

} // namespace detail

template <device::host B>
void run(B& b, layer_norm_op const& op, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        auto const n = args.in[0].shape()[-1];
        auto const* const gamma = static_cast<C const*>(args.in[1].data());
        auto const* const beta = static_cast<C const*>(args.in[2].data());
        for_each_row(b, args.in[0].elements() / n, n, [&](std::int64_t r, int) {
            auto const* const x = static_cast<T const*>(args.in[0].data()) + r * n;
            auto* const y = static_cast<T*>(args.out[0].data()) + r * n;
            vectorised([=]() HAIGA_INLINE_LAMBDA {
                detail::row_moments<C> const m(x, n, op.eps);
                for (std::int64_t c = 0; c < n; ++c) {
                    device::store(y[c],
                                  (device::load(x[c]) - m.mean) * m.factor * gamma[c] + beta[c]);
                }
            });
        });
    });
}

template <device::host B>
void run(B& b, layer_norm_gradient const& op, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        auto const n = args.in[0].shape()[-1];
        auto const* const x = static_cast<T const*>(args.in[0].data());
        auto const* const gamma = static_cast<C const*>(args.in[1].data());
        auto const* const dy = static_cast<T const*>(args.in[2].data());
        auto* const dx = static_cast<T*>(args.out[0].data());
        auto const a_piece = std::max<std::int64_t>(32, device::piece / n);
        auto* const sums =
            static_cast<C*>(b.scratch(0, static_cast<std::size_t>(2 * n) * sizeof(C)));
        device::sum_in_pieces(b, args.in[0].elements() / n, a_piece, 2 * n, sums, false,
                              [&](std::int64_t first, std::int64_t last, C* totals) {
                                  vectorised([=]() HAIGA_INLINE_LAMBDA {
                                      for (auto r = first; r < last; ++r) {
                                          detail::layer_norm_row_gradient(
                                              x + r * n, gamma, dy + r * n,
                                              dx == nullptr ? dx : dx + r * n, n, op.eps, totals);
                                      }
                                  });
                              });
        for (auto const out : {1, 2}) {
            if (auto const& to = args.out[static_cast<std::size_t>(out)]) {
                std::copy_n(sums + (2 - out) * n, n, static_cast<C*>(to.data()));
            }
        }
    });
}

} // namespace haiga::nn
