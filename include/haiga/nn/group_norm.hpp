#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/cpu/group_moments.hpp"
#include "haiga/nn/cpu/group_norm.hpp"
#include "haiga/nn/cpu/group_norm_backward.hpp"

#include <cmath>

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

template <device::host B>
void run(B& b, group_stats const& op, device::arguments const& args)
{
    auto const rows = pixel_rows::of(args.in[0].shape());
    auto const groups = std::int64_t{op.groups};
    auto* const of_pieces = static_cast<cpu::moments*>(b.shared_scratch(
        static_cast<std::size_t>(rows.samples * rows.pieces * groups) * sizeof(cpu::moments)));
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        auto const* const x = static_cast<T const*>(args.in[0].data());
        auto* const stats = static_cast<C*>(args.out[0].data());
        for_each_piece(b, rows, [&](pixel_piece const& p, int thread) {
            cpu::moments_of_piece(x + p.first, p.size, rows, groups,
                                  rows.template scratch<C>(b, thread, 2),
                                  of_pieces + p.index * groups);
        });
        for (std::int64_t i = 0; i < rows.samples * groups; ++i) {
            auto const* const first = of_pieces + i / groups * rows.pieces * groups + i % groups;
            auto const all = cpu::combine(first, rows, groups);
            auto const count = static_cast<double>(rows.sample_size() / groups);
            stats[2 * i] = static_cast<C>(all.mean);
            stats[2 * i + 1] = static_cast<C>(1 / std::sqrt(all.squares / count + op.eps));
        }
    });
}

template <device::host B>
void run(B& b, group_apply const& op, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        cpu::group_operands<T> const in(args.in);
        auto* const y = static_cast<T*>(args.out[0].data());
        cpu::with_flag(op.silu, [&]<class Silu>(Silu) {
            for_each_piece(b, in.rows, [&](pixel_piece const& p, int thread) {
                auto* const columns = in.rows.template scratch<device::compute_t<T>>(b, thread, 3);
                in.fill_columns(p.sample, columns);
                cpu::apply_to_piece<Silu::value>(in.x + p.first, y + p.first, p.size, in.rows.width,
                                                 columns);
            });
        });
    });
}

template <device::host B>
void run(B& b, group_gradient const& op, device::arguments const& args)
{
    device::with_type(args.in[0].type(), [&]<class T>(T) {
        cpu::with_flag(op.silu, [&]<class Silu>(Silu) {
            cpu::group_backward<Silu::value, T, B>(b, args).run();
        });
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
