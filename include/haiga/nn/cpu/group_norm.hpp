#pragma once

#include "haiga/device/cpu/math.hpp"
#include "haiga/nn/pixel_rows.hpp"

#include <span>
#include <type_traits>

namespace haiga::nn::cpu {

/// What group_apply and group_gradient read.
template <class T>
struct group_operands {
    using C = device::compute_t<T>;
    pixel_rows rows;
    std::int64_t groups;
    T const* x;
    C const* stats;
    C const* gamma;
    C const* beta;

    explicit group_operands(std::span<any_view const> in)
        : rows(pixel_rows::of(in[0].shape())), groups(in[1].shape()[1]),
          x(static_cast<T const*>(in[0].data())), stats(static_cast<C const*>(in[1].data())),
          gamma(static_cast<C const*>(in[2].data())), beta(static_cast<C const*>(in[3].data()))
    {
    }

    /// Where the mean that a channel is normalised by lies in stats; 1 / deviation is next to it.
    [[nodiscard]] auto slot(std::int64_t sample, std::int64_t channel) const -> std::int64_t
    {
        return 2 * (sample * groups + channel / (rows.channels / groups));
    }

    /// Three rows: the mean, the factor and the offset of every column.
    void fill_columns(std::int64_t n, C* columns) const
    {
        rows.fill(columns, [&](std::int64_t c) { return stats[slot(n, c)]; });
        rows.fill(columns + rows.width,
                  [&](std::int64_t c) { return stats[slot(n, c) + 1] * gamma[c]; });
        rows.fill(columns + 2 * rows.width, [&](std::int64_t c) { return beta[c]; });
    }
};

/// Calls f(std::true_type) or f(std::false_type).
template <class F>
void with_flag(bool flag, F const& f)
{
    flag ? f(std::true_type{}) : f(std::false_type{});
}

template <bool Silu, class T, class C>
void apply_to_piece(T const* x, T* y, std::int64_t size, std::int64_t width, C const* columns)
{
    walk_rows(size, width, [=](std::int64_t i, std::int64_t c) HAIGA_INLINE_LAMBDA {
        auto const z =
            (device::load(x[i]) - columns[c]) * columns[width + c] + columns[2 * width + c];
        device::store(y[i], Silu ? z * device::math::sigmoid(z) : z);
    });
}

} // namespace haiga::nn::cpu
