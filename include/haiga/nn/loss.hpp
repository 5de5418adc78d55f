#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/cpu/lanes.hpp"
#include "haiga/device/gradients.hpp"

namespace haiga::nn {

/// The mean over samples of weights[n] times the mean of squared differences of sample n.
///
/// Shapes: prediction and target [N, ...] of any types, weights [N] f32 -> [1], of the type of
/// parameters.
/// Backward: the gradients of prediction and target assign; weights have none.
struct mse_loss_op {
    static constexpr std::string_view name = "mse_loss";
    static void differentiate(device::backward_pass& back, device::record const& r);
};

/// Reads a, b, weights, dloss: da = dloss 2 weights[n] (a - b) / elements.
struct mse_loss_gradient {
    static constexpr std::string_view name = "mse_loss_gradient";
};

inline auto mse_loss(device::graph& g, device::value prediction, device::value target,
                     device::value weights) -> device::value
{
    auto const& dims = g.shape_of(prediction);
    HAIGA_CHECK(g.shape_of(target) == dims && g.shape_of(weights) == shape({dims[0]}),
                "mse_loss: ", dims, ", ", g.shape_of(target), ", ", g.shape_of(weights));
    auto const loss = g.activation(g.parameter_type(), {1});
    g.emit(mse_loss_op{}, {prediction, target, weights}, {loss});
    return loss;
}

inline void mse_loss_op::differentiate(device::backward_pass& back, device::record const& r)
{
    for (auto const i : {0, 1}) {
        auto const [a, b] = i == 0 ? std::pair(r.in[0], r.in[1]) : std::pair(r.in[1], r.in[0]);
        if (auto const da = back.target(a); da != device::value::none) {
            back.traced().emit(mse_loss_gradient{},
                               {back.saved(a), back.saved(b), r.in[2], back.gradient(r.out[0])},
                               {da});
            back.give(a, da);
        }
    }
}

namespace detail {

/// f(a, b) with the elements of two views as pointers to their types.
template <class F>
void with_pair(any_view const& a, any_view const& b, F const& f)
{
    device::with_type(a.type(), [&]<class A>(A) {
        device::with_type(b.type(), [&]<class T>(T) {
            f(static_cast<A const*>(a.data()), static_cast<T const*>(b.data()));
        });
    });
}

} // namespace detail

template <device::host B>
void run(B& b, mse_loss_op const&, device::arguments const& args)
{
    auto const samples = args.in[0].shape()[0];
    auto const size = args.in[0].elements() / samples;
    auto const pieces = (size + device::piece - 1) / device::piece;
    auto* const sums = static_cast<double*>(
        b.shared_scratch(static_cast<std::size_t>(samples * pieces) * sizeof(double)));
    detail::with_pair(args.in[0], args.in[1], [&]<class X, class Y>(X const* x, Y const* y) {
        using C = device::compute_t<X>;
        parallel_for(b.team(), samples * pieces, [&](std::ptrdiff_t i, int) {
            auto const start = i % pieces * device::piece;
            auto const* const left = x + i / pieces * size + start;
            auto const* const right = y + i / pieces * size + start;
            auto const n = std::min(device::piece, size - start);
            vectorised([=]() HAIGA_INLINE_LAMBDA {
                sums[i] = static_cast<double>(
                    device::sum_lanes<C>(n, [=](std::int64_t e) HAIGA_INLINE_LAMBDA {
                        auto const d =
                            device::load(left[e]) - static_cast<C>(device::load(right[e]));
                        return d * d;
                    }));
            });
        });
    });
    auto const* const weights = args.in[2].as<float const>().data();
    double loss = 0;
    for (std::int64_t i = 0; i < samples * pieces; ++i) {
        loss += static_cast<double>(weights[i / pieces]) * sums[i];
    }
    loss /= static_cast<double>(samples * size);
    device::with_type(args.out[0].type(), [&]<class T>(T) {
        device::store(*static_cast<T*>(args.out[0].data()),
                      static_cast<device::compute_t<T>>(loss));
    });
}

template <device::host B>
void run(B& b, mse_loss_gradient const&, device::arguments const& args)
{
    auto const elements = args.in[0].elements();
    auto const size = elements / args.in[0].shape()[0];
    auto const* const weights = args.in[2].as<float const>().data();
    detail::with_pair(args.in[0], args.in[1], [&]<class X, class Y>(X const* x, Y const* y) {
        using C = device::compute_t<X>;
        auto* const dx = static_cast<X*>(args.out[0].data());
        auto const seed = *static_cast<C const*>(args.in[3].data());
        device::for_each_piece(b, elements, [&](std::int64_t first, std::int64_t last) {
            while (first < last) {
                auto const sample = first / size;
                auto const end = std::min(last, (sample + 1) * size);
                auto const factor =
                    seed * C{2} * static_cast<C>(weights[sample]) / static_cast<C>(elements);
                vectorised([=]() HAIGA_INLINE_LAMBDA {
                    for (auto i = first; i < end; ++i) {
                        device::store(dx[i], factor * (device::load(x[i]) -
                                                       static_cast<C>(device::load(y[i]))));
                    }
                });
                first = end;
            }
        });
    });
}

} // namespace haiga::nn
