#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/pixel_rows.hpp"

namespace haiga::nn {

/// y = x + e, one vector of channels a sample added to all its pixels.
///
/// Shapes: x, y [N, ..., C], e [N, C].   Backward: dx is dy; de, its sum over pixels, assigns.
struct add_per_sample_op {
    static constexpr std::string_view name = "add_per_sample";
    static constexpr std::array in_place{device::sharing{0, 0}};
    static void differentiate(device::backward_pass& back, device::record const& r);
};

/// Sums over the pixels of each sample: [N, ..., C] -> [N, C].
struct sum_per_sample_op {
    static constexpr std::string_view name = "sum_per_sample";
};

inline auto add_per_sample(device::graph& g, device::value x, device::value e) -> device::value
{
    auto const dims = g.shape_of(x);
    HAIGA_CHECK(dims.rank() >= 2 && g.shape_of(e) == shape({dims[0], dims[-1]}) &&
                    g.info(e).type == g.info(x).type,
                "add_per_sample: ", dims, " + ", g.shape_of(e));
    auto const y = g.activation(g.info(x).type, dims);
    g.emit(add_per_sample_op{}, {x, e}, {y});
    return y;
}

inline void add_per_sample_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dy = back.gradient(r.out[0]);
    back.give(r.in[0], dy);
    if (auto const de = back.target(r.in[1]); de != device::value::none) {
        back.traced().emit(sum_per_sample_op{}, {dy}, {de});
        back.give(r.in[1], de);
    }
}

template <device::host B>
void run(B& b, add_per_sample_op const&, device::arguments const& args)
{
    auto const rows = pixel_rows::of(args.in[0].shape());
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        auto const* const e = static_cast<T const*>(args.in[1].data());
        for_each_piece(b, rows, [&](pixel_piece const& p, int thread) {
            auto const* const x = static_cast<T const*>(args.in[0].data()) + p.first;
            auto* const y = static_cast<T*>(args.out[0].data()) + p.first;
            auto* const added = rows.template scratch<C>(b, thread, 1);
            rows.fill(added, [&](std::int64_t c) {
                return device::load(e[p.sample * rows.channels + c]);
            });
            walk_rows(p.size, rows.width, [=](std::int64_t i, std::int64_t c) HAIGA_INLINE_LAMBDA {
                device::store(y[i], device::load(x[i]) + added[c]);
            });
        });
    });
}

template <device::host B>
void run(B& b, sum_per_sample_op const&, device::arguments const& args)
{
    auto const rows = pixel_rows::of(args.in[0].shape());
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        auto* const of_pieces = static_cast<C*>(b.shared_scratch(
            static_cast<std::size_t>(rows.samples * rows.pieces * rows.channels) * sizeof(C)));
        for_each_piece(b, rows, [&](pixel_piece const& p, int thread) {
            auto const* const x = static_cast<T const*>(args.in[0].data()) + p.first;
            auto* const sums = rows.template scratch<C>(b, thread, 1);
            std::fill_n(sums, rows.width, C{});
            sum_columns(p.size, rows.width, sums,
                        [=](std::int64_t i, std::int64_t)
                            HAIGA_INLINE_LAMBDA { return device::load(x[i]); });
            rows.fold(sums, of_pieces + p.index * rows.channels);
        });
        auto* const out = static_cast<T*>(args.out[0].data());
        for (std::int64_t i = 0; i < rows.samples * rows.channels; ++i) {
            auto const* const first =
                of_pieces + i / rows.channels * rows.pieces * rows.channels + i % rows.channels;
            C sum{};
            for (std::int64_t p = 0; p < rows.pieces; ++p) {
                sum += first[p * rows.channels];
            }
            device::store(out[i], sum);
        }
    });
}

} // namespace haiga::nn
