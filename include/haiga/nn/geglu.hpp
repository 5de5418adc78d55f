#pragma once

#include "haiga/device/cpu/math.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

#include <vector>

namespace haiga::nn {

/// y = a gelu(b), where x holds a and then b along its last axis.
///
/// Shapes: x [..., 2C], y [..., C].   Backward: dx assigns, and reads x.
/// Source: Shazeer 2020, arXiv:2002.05202, eq. 5.
struct geglu_op {
    static constexpr std::string_view name = "geglu";
    static constexpr bool recomputable = true;
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct geglu_gradient {
    static constexpr std::string_view name = "geglu_gradient";
};

inline auto geglu(device::graph& g, device::value x) -> device::value
{
    auto const& from = g.shape_of(x);
    std::vector<std::int64_t> dims(from.begin(), from.end());
    HAIGA_CHECK(dims.back() % 2 == 0, "geglu: two halves of ", from);
    dims.back() /= 2;
    auto const y = g.activation(g.info(x).type, shape(std::span<std::int64_t const>(dims)));
    g.emit(geglu_op{}, {x}, {y});
    return y;
}

inline void geglu_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dx = back.target(r.in[0]);
    back.traced().emit(geglu_gradient{}, {back.saved(r.in[0]), back.gradient(r.out[0])}, {dx});
    back.give(r.in[0], dx);
}

namespace detail {

template <class T>
void geglu_row(T const* a, T* HAIGA_RESTRICT y, std::int64_t n)
{
    auto const* const b = a + n;
    vectorised([=]() HAIGA_INLINE_LAMBDA {
        for (std::int64_t c = 0; c < n; ++c) {
            auto const gate = device::load(b[c]);
            device::store(y[c], device::load(a[c]) * (gate * device::math::normal_at(gate).below));
        }
    });
}

template <class T>
void geglu_row_gradient(T const* a, T const* dy, T* HAIGA_RESTRICT da, std::int64_t n)
{
    auto const* const b = a + n;
    auto* const db = da + n;
    vectorised([=]() HAIGA_INLINE_LAMBDA {
        for (std::int64_t c = 0; c < n; ++c) {
            auto const gate = device::load(b[c]);
            auto const d = device::load(dy[c]);
            auto const normal = device::math::normal_at(gate);
            device::store(da[c], d * (gate * normal.below));
            device::store(db[c], d * device::load(a[c]) * (normal.below + gate * normal.density));
        }
    });
}

} // namespace detail

template <device::host B>
void run(B& b, geglu_op const&, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        auto const* const x = static_cast<T const*>(args.in[0].data());
        auto* const y = static_cast<T*>(args.out[0].data());
        auto const n = args.out[0].shape()[-1];
        for_each_row(b, args.out[0].elements() / n, 2 * n,
                     [&](std::int64_t r, int) { detail::geglu_row(x + r * 2 * n, y + r * n, n); });
    });
}

template <device::host B>
void run(B& b, geglu_gradient const&, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        auto const* const x = static_cast<T const*>(args.in[0].data());
        auto const* const dy = static_cast<T const*>(args.in[1].data());
        auto* const dx = static_cast<T*>(args.out[0].data());
        auto const n = args.in[1].shape()[-1];
        for_each_row(b, args.in[1].elements() / n, 2 * n, [&](std::int64_t r, int) {
            detail::geglu_row_gradient(x + r * 2 * n, dy + r * n, dx + r * 2 * n, n);
        });
    });
}

} // namespace haiga::nn
