#pragma once

#include "haiga/device/cuda/lane.hpp"
#include "haiga/device/cuda/row_grid.hpp"

// What the threads do that add up the rows of a matrix: see group_norm_threads.hpp.

namespace haiga::kernel {

/// Shapes: x [rows, columns], partial [chunks, columns], out [columns].
template <class T>
struct sum_rows_arrays {
    row_grid grid;
    T const* x = nullptr;
    float* partial = nullptr;
    float* out = nullptr;
};

constexpr auto sum_rows_workspace(row_grid const& g) -> std::size_t
{
    return static_cast<std::size_t>(g.chunks * g.columns) * sizeof(float);
}

/// x -> partial.
template <class T, int V>
struct row_sum_program {
    static constexpr int width = V;
    using number = float;
    sum_rows_arrays<T> const& a;
    row_grid const& g;
    place p;

    [[nodiscard]] constexpr auto sum() const -> totals<float, V>
    {
        totals<float, V> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            auto const x = load<V>(a.x + row * g.columns + p.column);
            for (int i = 0; i < V; ++i) {
                t.at[i] += x.at[i];
            }
        }
        return t;
    }

    constexpr void finish(totals<float, V> const& t) const
    {
        for (int i = 0; i < V; ++i) {
            a.partial[p.chunk * g.columns + p.column + i] = t.at[i];
        }
    }
};

/// partial -> out.
template <class T>
struct row_fold_program {
    static constexpr int width = 1;
    using number = double;
    sum_rows_arrays<T> const& a;
    row_grid const& g; ///< share_columns(1, chunks, columns)
    place p;

    [[nodiscard]] constexpr auto sum() const -> totals<double, 1>
    {
        totals<double, 1> t;
        for (auto row = p.first(); row < p.last; row += g.slots) {
            t.at[0] += static_cast<double>(a.partial[row * g.columns + p.column]);
        }
        return t;
    }

    constexpr void finish(totals<double, 1> const& t) const
    {
        a.out[p.column] = static_cast<float>(t.at[0]);
    }
};

} // namespace haiga::kernel
