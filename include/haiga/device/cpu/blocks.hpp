#pragma once

#include "haiga/device/cpu/elementwise.hpp"

#include <array>

namespace haiga::device::detail {

/// Sizes that fit first- and second-level caches; the same on every machine, so that sums are
/// taken in the same order everywhere.
inline constexpr std::int64_t rows_a_block = 96;
inline constexpr std::int64_t columns_a_task = 256;
inline constexpr std::int64_t inner_a_block = 384;

/// From row to row of a block in scratch: an odd number of cache lines, so that the same columns of
/// all rows do not meet in a few sets of the cache.
constexpr auto row_in_scratch(std::int64_t columns) -> std::int64_t
{
    constexpr std::int64_t line = 16;
    return ((columns + line - 1) / line | 1) * line;
}

/// Rows so far apart are copied before they are read column after column: nearer, fewer of them
/// share a set.
constexpr auto meet_in_cache(std::int64_t stride) -> bool { return stride >= 512; }

/// A rectangle of a stored matrix as the compute type: in place, or copied or converted into
/// scratch.
template <class T>
struct block_of {
    compute_t<T> const* data = nullptr;
    std::int64_t stride = 0;

    block_of(T const* matrix, std::int64_t stride_of_matrix, std::int64_t rows,
             std::int64_t columns, compute_t<T>* scratch, bool copy = false)
        : stride(stride_of_matrix)
    {
        if constexpr (std::is_same_v<T, compute_t<T>>) {
            if (!copy) {
                data = matrix;
                return;
            }
        }
        stride = row_in_scratch(columns);
        for (std::int64_t r = 0; r < rows; ++r) {
            auto const* const from = matrix + r * stride_of_matrix;
            auto* const to = scratch + r * stride;
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t c = 0; c < columns; ++c) {
                    to[c] = load(from[c]);
                }
            });
        }
        data = scratch;
    }
};

template <std::size_t N>
auto evenly(std::int64_t stride) -> std::array<std::int32_t, N>
{
    std::array<std::int32_t, N> rows{};
    for (std::size_t i = 0; i < N; ++i) {
        rows[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * stride);
    }
    return rows;
}

} // namespace haiga::device::detail
