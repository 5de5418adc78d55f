#pragma once

#include "haiga/nn/pixel_rows.hpp"

#include <algorithm>
#include <numeric>

namespace haiga::nn::cpu {

/// Mean and sum of squared deviations of some elements of a group.
struct moments {
    double mean = 0, squares = 0;
};

/// to(group, sum), with sums over the columns of a row that belong to one group.
template <class C, class To>
void fold_groups(C const* columns, pixel_rows const& rows, std::int64_t groups, To const& to)
{
    auto const a_group = rows.channels / groups;
    for (std::int64_t c = 0; c < rows.width; c += a_group) {
        to(c % rows.channels / a_group, std::accumulate(columns + c, columns + c + a_group, 0.0));
    }
}

/// Two passes over a piece, which stays in cache: deviations are from the piece's own mean, so a
/// mean far from zero costs no digits.
/// Shapes: columns two rows of scratch; out one entry a group.
template <class T, class C>
void moments_of_piece(T const* x, std::int64_t size, pixel_rows const& rows, std::int64_t groups,
                      C* columns, moments* out)
{
    auto const count = static_cast<double>(size / groups);
    auto* const sums = columns;
    auto* const centre = columns + rows.width;
    std::fill_n(sums, rows.width, C{});
    std::fill_n(out, groups, moments{});
    sum_columns(size, rows.width, sums, [=](std::int64_t i, std::int64_t) HAIGA_INLINE_LAMBDA {
        return device::load(x[i]);
    });
    fold_groups(sums, rows, groups, [&](std::int64_t g, double s) { out[g].mean += s / count; });
    rows.fill(centre, [&](std::int64_t c) {
        return static_cast<C>(out[c / (rows.channels / groups)].mean);
    });
    std::fill_n(sums, rows.width, C{});
    sum_columns(size, rows.width, sums, [=](std::int64_t i, std::int64_t c) HAIGA_INLINE_LAMBDA {
        auto const d = device::load(x[i]) - centre[c];
        return d * d;
    });
    fold_groups(sums, rows, groups, [&](std::int64_t g, double s) { out[g].squares += s; });
}

/// Moments of one group of one sample from those of its pieces.
/// Source: Chan, Golub and LeVeque 1983, The American Statistician 37.
inline auto combine(moments const* of_pieces, pixel_rows const& rows, std::int64_t groups)
    -> moments
{
    auto const weight = [&](std::int64_t p) {
        return static_cast<double>(rows.size_of_piece(p) / groups);
    };
    moments all;
    for (std::int64_t p = 0; p < rows.pieces; ++p) {
        all.mean += weight(p) * of_pieces[p * groups].mean;
    }
    all.mean /= static_cast<double>(rows.sample_size() / groups);
    for (std::int64_t p = 0; p < rows.pieces; ++p) {
        auto const off = of_pieces[p * groups].mean - all.mean;
        all.squares += of_pieces[p * groups].squares + weight(p) * off * off;
    }
    return all;
}

} // namespace haiga::nn::cpu
