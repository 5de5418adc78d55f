#pragma once

#include "haiga/device/cuda/lane.hpp"
#include "haiga/device/cuda/row_grid.hpp"

#include <cmath>
#include <cstddef>

namespace haiga::kernel {

/// What the passes of a group norm share. Shapes as in abi.h; the workspace holds
/// partial [samples, chunks, 2, channels] and, for the backward pass, sums [samples, 2, channels]
/// and means [samples, groups, 2].
template <class T>
struct group_norm_arrays {
    row_grid grid; ///< of the passes over the pixels
    std::int64_t groups = 1;
    float eps = 0;
    bool silu = false;
    T const* x = nullptr;
    T const* dy = nullptr;
    T* out = nullptr; ///< y or dx
    float* stats = nullptr;
    float const* gamma = nullptr;
    float const* beta = nullptr;
    float* partial = nullptr;
    float* sums = nullptr;
    float* means = nullptr;
    float* dgamma = nullptr;
    float* dbeta = nullptr;

    /// Channels of a group.
    [[nodiscard]] constexpr auto width() const -> std::int64_t { return grid.columns / groups; }

    /// How many numbers go into the statistics of a group.
    [[nodiscard]] constexpr auto count() const -> double
    {
        return static_cast<double>(grid.rows * width());
    }

    /// Elements before row `row` of p's sample, at p's columns.
    [[nodiscard]] constexpr auto offset(place const& p, std::int64_t row) const -> std::int64_t
    {
        return (p.sample * grid.rows + row) * grid.columns + p.column;
    }
    [[nodiscard]] constexpr auto partial_at(place const& p) const -> float*
    {
        return partial + (p.sample * grid.chunks + p.chunk) * 2 * grid.columns + p.column;
    }
    [[nodiscard]] constexpr auto group_at(float* pairs, place const& p, std::int64_t group) const
        -> float*
    {
        return pairs + 2 * (p.sample * groups + group);
    }
};

/// Bytes of a workspace.
constexpr auto group_norm_workspace(row_grid const& g, std::int64_t groups) -> std::size_t
{
    auto const floats = 2 * g.samples * (g.columns * (g.chunks + 1) + groups);
    return static_cast<std::size_t>(floats) * sizeof(float);
}

template <class T>
constexpr void lay_out(group_norm_arrays<T>& a, float* workspace)
{
    a.partial = workspace;
    a.sums = a.partial + 2 * a.grid.samples * a.grid.chunks * a.grid.columns;
    a.means = a.sums + 2 * a.grid.samples * a.grid.columns;
}

/// A block for each group of each sample, its threads side by side over `rows` things.
template <class T>
constexpr auto share_groups(group_norm_arrays<T> const& a, std::int64_t rows, std::int64_t slots)
    -> row_grid
{
    return {.samples = a.grid.samples,
            .rows = rows,
            .columns = a.groups,
            .slots = slots,
            .tiles = a.groups,
            .chunk = rows};
}

template <class Float>
constexpr auto silu(Float z) -> Float
{
    return z / (1 + std::exp(-z));
}

template <class Float>
constexpr auto silu_slope(Float z) -> Float
{
    Float const s = 1 / (1 + std::exp(-z));
    return s * (1 + z * (1 - s));
}

/// What a thread keeps of its columns while it walks down the rows.
template <int V>
struct column_constants {
    lane<V> mean, scale, gamma, beta;

    template <class T>
    constexpr column_constants(group_norm_arrays<T> const& a, place const& p)
    {
        for (int i = 0; i < V; ++i) {
            auto const column = p.column + i;
            auto const* const s = a.group_at(a.stats, p, column / a.width());
            mean.at[i] = s[0];
            scale.at[i] = s[1];
            gamma.at[i] = a.gamma[column];
            beta.at[i] = a.beta[column];
        }
    }

    [[nodiscard]] constexpr auto normal(int i, float x) const -> float
    {
        return (x - mean.at[i]) * scale.at[i];
    }
    /// z, before SiLU, of a normal number h.
    [[nodiscard]] constexpr auto affine(int i, float h) const -> float
    {
        return gamma.at[i] * h + beta.at[i];
    }
    /// dz, of dy and h.
    [[nodiscard]] constexpr auto inner(int i, float dy, float h, bool with_silu) const -> float
    {
        return with_silu ? dy * silu_slope(affine(i, h)) : dy;
    }
};

} // namespace haiga::kernel
