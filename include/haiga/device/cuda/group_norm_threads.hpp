#pragma once

#include "haiga/device/cuda/group_norm_arrays.hpp"

// What the threads of the group norm kernels do, apart from waiting for each other: standard C++,
// so that tests run every thread on the host.
//
// A program is made for one place of a grid. One that reduces adds up a thread's rows with sum();
// the totals of a block's slots are added in order and slot 0 hands them to finish().
//
// Source: Wu and He 2018, arXiv:1803.08494, eq. 1 and 7. With h = (x - mean) r, z = gamma h + beta,
// dbeta = sum dz,
// dgamma = sum dz h and dx = r (gamma dz - avg(gamma dz) - h avg(gamma dz h)), averaged over the
// group.

namespace haiga::kernel {

/// Per column and chunk: the sums of x - o and (x - o)^2, o the chunk's first row, so that a mean
/// far from zero costs no digits.
template <class T, int V>
struct moment_program {
    static constexpr int width = 2 * V;
    using number = float;
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p;

    [[nodiscard]] constexpr auto sum() const -> totals<float, width>
    {
        auto const origin = load<V>(a.x + a.offset(p, p.chunk_first));
        totals<float, width> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            auto const x = load<V>(a.x + a.offset(p, row));
            for (int i = 0; i < V; ++i) {
                auto const d = x.at[i] - origin.at[i];
                t.at[i] += d;
                t.at[V + i] += d * d;
            }
        }
        return t;
    }

    constexpr void finish(totals<float, width> const& t) const
    {
        for (int i = 0; i < V; ++i) {
            a.partial_at(p)[i] = t.at[i];
            a.partial_at(p)[a.grid.columns + i] = t.at[V + i];
        }
    }
};

/// Per group: the moments of its columns and chunks, put together in double.
template <class T>
struct stats_program {
    static constexpr int width = 2;
    using number = double;
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p; ///< of share_groups: column is the group, rows are (chunk, channel of the group)

    [[nodiscard]] constexpr auto sum() const -> totals<double, width>
    {
        totals<double, width> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            add(row / a.width(), p.column * a.width() + row % a.width(), t);
        }
        return t;
    }

    constexpr void finish(totals<double, width> const& t) const
    {
        auto const mean = t.at[0] / a.count();
        auto const variance = t.at[1] / a.count() - mean * mean;
        auto* const s = a.group_at(a.stats, p, p.column);
        s[0] = static_cast<float>(mean);
        s[1] = static_cast<float>(1 / std::sqrt((variance < 0 ? 0 : variance) + double{a.eps}));
    }

private:
    constexpr void add(std::int64_t chunk, std::int64_t column, totals<double, width>& t) const
    {
        auto const row = chunk * a.grid.chunk;
        auto const rows = detail::at_most(a.grid.chunk, a.grid.rows - row);
        place const at{.sample = p.sample, .chunk = chunk, .column = column};
        double const origin = static_cast<float>(a.x[a.offset(at, row)]);
        double const first = a.partial_at(at)[0];
        double const second = a.partial_at(at)[a.grid.columns];
        t.at[0] += static_cast<double>(rows) * origin + first;
        t.at[1] += static_cast<double>(rows) * origin * origin + 2 * origin * first + second;
    }
};

template <class T, int V>
struct apply_program {
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p;

    constexpr void run() const
    {
        column_constants<V> const c(a, p);
        for (auto row = p.first(); row < p.last; row += g.slots) {
            auto v = load<V>(a.x + a.offset(p, row));
            for (int i = 0; i < V; ++i) {
                auto const z = c.affine(i, c.normal(i, v.at[i]));
                v.at[i] = a.silu ? silu(z) : z;
            }
            store(a.out + a.offset(p, row), v);
        }
    }
};

/// Per column and chunk: the sums of dz and dz h.
template <class T, int V>
struct gradient_sum_program {
    static constexpr int width = 2 * V;
    using number = float;
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p;

    [[nodiscard]] constexpr auto sum() const -> totals<float, width>
    {
        column_constants<V> const c(a, p);
        totals<float, width> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            auto const x = load<V>(a.x + a.offset(p, row));
            auto const dy = load<V>(a.dy + a.offset(p, row));
            for (int i = 0; i < V; ++i) {
                auto const h = c.normal(i, x.at[i]);
                auto const dz = c.inner(i, dy.at[i], h, a.silu);
                t.at[i] += dz;
                t.at[V + i] += dz * h;
            }
        }
        return t;
    }

    constexpr void finish(totals<float, width> const& t) const
    {
        moment_program<T, V>{a, g, p}.finish(t);
    }
};

/// Adds up the chunks of each sample: partial -> sums.
template <class T>
struct chunk_fold_program {
    static constexpr int width = 1;
    using number = double;
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p; ///< of share_columns(samples, chunks, 2 * channels)

    [[nodiscard]] constexpr auto sum() const -> totals<double, 1>
    {
        totals<double, 1> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            t.at[0] += a.partial[(p.sample * a.grid.chunks + row) * 2 * a.grid.columns + p.column];
        }
        return t;
    }

    constexpr void finish(totals<double, 1> const& t) const
    {
        a.sums[p.sample * 2 * a.grid.columns + p.column] = static_cast<float>(t.at[0]);
    }
};

/// Adds up the samples: sums -> dbeta, dgamma, where they are wanted.
template <class T>
struct parameter_gradient_program {
    static constexpr int width = 1;
    using number = double;
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p; ///< of share_columns(1, samples, 2 * channels)

    [[nodiscard]] constexpr auto sum() const -> totals<double, 1>
    {
        totals<double, 1> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            t.at[0] += a.sums[row * 2 * a.grid.columns + p.column];
        }
        return t;
    }

    constexpr void finish(totals<double, 1> const& t) const
    {
        bool const of_beta = p.column < a.grid.columns;
        auto* const to = of_beta ? a.dbeta : a.dgamma;
        if (to != nullptr) {
            to[p.column % a.grid.columns] = static_cast<float>(t.at[0]);
        }
    }
};

/// avg(gamma dz) and avg(gamma dz h) of each group: sums -> means.
template <class T>
struct group_mean_program {
    static constexpr int width = 2;
    using number = double;
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p; ///< of share_groups: rows are the channels of the group

    [[nodiscard]] constexpr auto sum() const -> totals<double, 2>
    {
        totals<double, 2> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            auto const column = p.column * a.width() + row;
            auto const* const s = a.sums + p.sample * 2 * a.grid.columns + column;
            t.at[0] += double{a.gamma[column]} * s[0];
            t.at[1] += double{a.gamma[column]} * s[a.grid.columns];
        }
        return t;
    }

    constexpr void finish(totals<double, 2> const& t) const
    {
        auto* const m = a.group_at(a.means, p, p.column);
        m[0] = static_cast<float>(t.at[0] / a.count());
        m[1] = static_cast<float>(t.at[1] / a.count());
    }
};

template <class T, int V>
struct input_gradient_program {
    group_norm_arrays<T> const& a;
    row_grid const& g;
    place p;

    constexpr void run() const
    {
        column_constants<V> const c(a, p);
        lane<V> first, second;
        for (int i = 0; i < V; ++i) {
            auto const* const m = a.group_at(a.means, p, (p.column + i) / a.width());
            first.at[i] = m[0];
            second.at[i] = m[1];
        }
        for (auto row = p.first(); row < p.last; row += g.slots) {
            auto const x = load<V>(a.x + a.offset(p, row));
            auto v = load<V>(a.dy + a.offset(p, row));
            for (int i = 0; i < V; ++i) {
                auto const h = c.normal(i, x.at[i]);
                auto const dz = c.inner(i, v.at[i], h, a.silu);
                auto const centred = c.gamma.at[i] * dz - first.at[i] - h * second.at[i];
                v.at[i] = c.scale.at[i] * centred;
            }
            store(a.out + a.offset(p, row), v);
        }
    }
};

} // namespace haiga::kernel
