#pragma once

#include "haiga/nn/pixel_rows.hpp"
#include "haiga/nn/silu.hpp"

#include <cmath>
#include <numeric>
#include <type_traits>

namespace haiga::nn {

/// y = act(gamma (x - mean) / sqrt(variance + eps) + beta); mean and (biased) variance are of one
/// group of neighbouring channels of one sample. act is SiLU, or nothing.
///
/// Shapes: x, y [N, ..., C], gamma and beta [C], statistics [N, groups, 2]: mean, 1 / deviation.
/// Backward: one op assigns dx, dgamma and dbeta; it reads x, not y.
/// Source: Wu and He 2018, arXiv:1803.08494.
struct group_norm_options {
    int groups = 32;
    double eps = 1e-5;
    bool silu = false;
};

struct group_stats {
    static constexpr std::string_view name = "group_stats";
    int groups = 1;
    double eps = 0;
};

struct group_apply {
    static constexpr std::string_view name = "group_apply";
    static constexpr bool recomputable = true;
    static constexpr std::array in_place{device::sharing{0, 0}};
    bool silu = false;
    static void differentiate(device::backward_pass& back, device::record const& r);
};

/// Reads x, statistics, gamma, beta, dy; writes dx, dgamma, dbeta. dx may lie where dy does.
struct group_gradient {
    static constexpr std::string_view name = "group_gradient";
    static constexpr std::array in_place{device::sharing{0, 4}};
    bool silu = false;
};

inline auto group_norm(device::graph& g, device::value x, device::value gamma, device::value beta,
                       group_norm_options const& options = {}) -> device::value
{
    auto const dims = g.shape_of(x);
    HAIGA_CHECK(options.groups > 0 && dims.rank() >= 2 && dims[-1] % options.groups == 0,
                "group_norm: ", options.groups, " groups of ", dims);
    HAIGA_CHECK(g.shape_of(gamma) == shape({dims[-1]}) && g.shape_of(beta) == g.shape_of(gamma));
    auto const stats = g.activation(g.parameter_type(), {dims[0], options.groups, 2});
    auto const y = g.activation(g.info(x).type, dims);
    g.emit(group_stats{options.groups, options.eps}, {x}, {stats});
    g.emit(group_apply{options.silu}, {x, stats, gamma, beta}, {y});
    return y;
}

inline void group_apply::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dy = back.gradient(r.out[0]);
    auto const x = back.saved(r.in[0]);
    auto const stats = back.saved(r.in[1]);
    auto const dx = back.target(r.in[0]);
    auto const dgamma = back.target(r.in[2]);
    auto const dbeta = back.target(r.in[3]);
    back.traced().emit(group_gradient{r.attrs.as<group_apply>().silu},
                       {x, stats, r.in[2], r.in[3], dy}, {dx, dgamma, dbeta});
    back.give(r.in[0], dx);
    back.give(r.in[2], dgamma);
    back.give(r.in[3], dbeta);
}

namespace detail {

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

template <bool Silu, class C>
HAIGA_ALWAYS_INLINE auto through_activation(C z, C dy) -> C
{
    return Silu ? through_silu(z, dy) : dy;
}

/// sums: two rows, of dz and of dz (x - mean), where z is what gamma and beta made. Summed in local
/// arrays, which the compiler knows to be apart from everything else.
template <bool Silu, class T, class C>
void sum_gradients(T const* x, T const* dy, std::int64_t size, std::int64_t width, C const* columns,
                   C* sums)
{
    constexpr std::int64_t tile = 256;
    vectorised([=]() HAIGA_INLINE_LAMBDA {
        for (std::int64_t first = 0; first < width; first += tile) {
            auto const wide = std::min(tile, width - first);
            C of_dz[tile] = {};
            C of_dz_d[tile] = {};
            for (auto row = first; row < size; row += width) {
                auto const here = std::min(wide, size - row);
                for (std::int64_t i = 0; i < here; ++i) {
                    auto const c = first + i;
                    auto const d = device::load(x[row + i]) - columns[c];
                    auto const z = d * columns[width + c] + columns[2 * width + c];
                    auto const dz = through_activation<Silu>(z, device::load(dy[row + i]));
                    of_dz[i] += dz;
                    of_dz_d[i] += dz * d;
                }
            }
            std::copy_n(of_dz, wide, sums + first);
            std::copy_n(of_dz_d, wide, sums + width + first);
        }
    });
}

/// columns has two more rows: dx = dz factor - constant - (x - mean) slope.
template <bool Silu, class T, class C>
void input_gradient(T const* x, T const* dy, T* dx, std::int64_t size, std::int64_t width,
                    C const* columns)
{
    walk_rows(size, width, [=](std::int64_t i, std::int64_t c) HAIGA_INLINE_LAMBDA {
        auto const d = device::load(x[i]) - columns[c];
        auto const z = d * columns[width + c] + columns[2 * width + c];
        auto const dz = through_activation<Silu>(z, device::load(dy[i]));
        device::store(dx[i], dz * columns[width + c] - columns[3 * width + c] -
                                 d * columns[4 * width + c]);
    });
}

/// One sample's sums over its pieces go into its first piece, [2][channels]; what they mean for dx
/// goes to where stats has the group's mean and deviation.
template <class T, class C>
void finish_sums(group_operands<T> const& in, std::int64_t n, C* sums, C* constant_and_slope)
{
    auto const channels = in.rows.channels;
    for (std::int64_t c = 0; c < 2 * channels; ++c) {
        double sum = 0;
        for (std::int64_t p = 0; p < in.rows.pieces; ++p) {
            sum += static_cast<double>(sums[p * 2 * channels + c]);
        }
        sums[c] = static_cast<C>(sum);
    }
    auto const a_group = channels / in.groups;
    auto const count = static_cast<double>(in.rows.sample_size() / in.groups);
    for (std::int64_t first = 0; first < channels; first += a_group) {
        double of_dz = 0;
        double of_dz_d = 0;
        for (auto c = first; c < first + a_group; ++c) {
            of_dz += static_cast<double>(in.gamma[c] * sums[c]);
            of_dz_d += static_cast<double>(in.gamma[c] * sums[channels + c]);
        }
        auto const at = in.slot(n, first);
        auto const r = static_cast<double>(in.stats[at + 1]);
        constant_and_slope[at] = static_cast<C>(r * of_dz / count);
        constant_and_slope[at + 1] = static_cast<C>(r * r * r * of_dz_d / count);
    }
}

/// dgamma and dbeta from the sums of all samples, `a_sample` elements apart.
template <class T, class C>
void parameter_gradients(group_operands<T> const& in, C const* sums, std::int64_t a_sample,
                         C* dgamma, C* dbeta)
{
    auto const channels = in.rows.channels;
    for (std::int64_t c = 0; c < channels; ++c) {
        double by_gamma = 0;
        double by_beta = 0;
        for (std::int64_t n = 0; n < in.rows.samples; ++n) {
            auto const* const s = sums + n * a_sample;
            by_beta += static_cast<double>(s[c]);
            by_gamma += static_cast<double>(s[channels + c] * in.stats[in.slot(n, c) + 1]);
        }
        if (dgamma != nullptr) {
            dgamma[c] = static_cast<C>(by_gamma);
        }
        if (dbeta != nullptr) {
            dbeta[c] = static_cast<C>(by_beta);
        }
    }
}

template <bool Silu, class T, device::host_backend B>
void group_backward(B& b, device::arguments const& args)
{
    using C = device::compute_t<T>;
    group_operands<T> const in(args.in);
    auto const& rows = in.rows;
    auto const* const dy = static_cast<T const*>(args.in[4].data());
    auto* const dx = static_cast<T*>(args.out[0].data());
    auto const a_sample = rows.pieces * 2 * rows.channels;
    auto* const sums = static_cast<C*>(b.shared_scratch(
        static_cast<std::size_t>(rows.samples * (a_sample + 2 * in.groups)) * sizeof(C)));
    auto* const constant_and_slope = sums + rows.samples * a_sample;

    for_each_piece(b, rows, [&](pixel_piece const& p, int thread) {
        auto* const columns = rows.template scratch<C>(b, thread, 5);
        auto* const totals = columns + 3 * rows.width;
        in.fill_columns(p.sample, columns);
        sum_gradients<Silu>(in.x + p.first, dy + p.first, p.size, rows.width, columns, totals);
        rows.fold(totals, sums + p.index * 2 * rows.channels);
        rows.fold(totals + rows.width, sums + (p.index * 2 + 1) * rows.channels);
    });
    parallel_for(b.team(), rows.samples, [&](std::ptrdiff_t n, int) {
        finish_sums(in, n, sums + n * a_sample, constant_and_slope);
    });
    parameter_gradients(in, sums, a_sample, static_cast<C*>(args.out[1].data()),
                        static_cast<C*>(args.out[2].data()));
    if (dx == nullptr) {
        return;
    }
    for_each_piece(b, rows, [&](pixel_piece const& p, int thread) {
        auto* const columns = rows.template scratch<C>(b, thread, 5);
        auto const* const k = constant_and_slope;
        in.fill_columns(p.sample, columns);
        rows.fill(columns + 3 * rows.width,
                  [&](std::int64_t c) { return k[in.slot(p.sample, c)]; });
        rows.fill(columns + 4 * rows.width,
                  [&](std::int64_t c) { return k[in.slot(p.sample, c) + 1]; });
        input_gradient<Silu>(in.x + p.first, dy + p.first, dx + p.first, p.size, rows.width,
                             columns);
    });
}

} // namespace detail

template <device::host_backend B>
void run(B& b, group_stats const& op, device::arguments const& args)
{
    auto const rows = pixel_rows::of(args.in[0].shape());
    auto const groups = std::int64_t{op.groups};
    auto* const of_pieces = static_cast<detail::moments*>(b.shared_scratch(
        static_cast<std::size_t>(rows.samples * rows.pieces * groups) * sizeof(detail::moments)));
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        auto const* const x = static_cast<T const*>(args.in[0].data());
        auto* const stats = static_cast<C*>(args.out[0].data());
        for_each_piece(b, rows, [&](pixel_piece const& p, int thread) {
            detail::moments_of_piece(x + p.first, p.size, rows, groups,
                                     rows.template scratch<C>(b, thread, 2),
                                     of_pieces + p.index * groups);
        });
        for (std::int64_t i = 0; i < rows.samples * groups; ++i) {
            auto const* const first = of_pieces + i / groups * rows.pieces * groups + i % groups;
            auto const all = detail::combine(first, rows, groups);
            auto const count = static_cast<double>(rows.sample_size() / groups);
            stats[2 * i] = static_cast<C>(all.mean);
            stats[2 * i + 1] = static_cast<C>(1 / std::sqrt(all.squares / count + op.eps));
        }
    });
}

template <device::host_backend B>
void run(B& b, group_apply const& op, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        detail::group_operands<T> const in(args.in);
        auto* const y = static_cast<T*>(args.out[0].data());
        detail::with_flag(op.silu, [&]<class Silu>(Silu) {
            for_each_piece(b, in.rows, [&](pixel_piece const& p, int thread) {
                auto* const columns = in.rows.template scratch<device::compute_t<T>>(b, thread, 3);
                in.fill_columns(p.sample, columns);
                detail::apply_to_piece<Silu::value>(in.x + p.first, y + p.first, p.size,
                                                    in.rows.width, columns);
            });
        });
    });
}

template <device::host_backend B>
void run(B& b, group_gradient const& op, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        detail::with_flag(
            op.silu, [&]<class Silu>(Silu) { detail::group_backward<Silu::value, T>(b, args); });
    });
}

// For a backend whose memory the host cannot read: its own members.

template <class B>
requires requires(B& b, any_view v) { b.group_stats(v, v, 1e-5); }
void run(B& b, group_stats const& op, device::arguments const& args)
{
    b.group_stats(args.in[0], args.out[0], op.eps);
}

template <class B>
requires requires(B& b, any_view v) { b.group_apply(v, v, v, v, v, true); }
void run(B& b, group_apply const& op, device::arguments const& args)
{
    b.group_apply(args.in[0], args.in[1], args.in[2], args.in[3], args.out[0], op.silu);
}

template <class B>
requires requires(B& b, any_view v) { b.group_gradient(v, v, v, v, v, v, v, v, true); }
void run(B& b, group_gradient const& op, device::arguments const& args)
{
    b.group_gradient(args.in[0], args.in[1], args.in[2], args.in[3], args.in[4], args.out[0],
                     args.out[1], args.out[2], op.silu);
}

} // namespace haiga::nn
