#pragma once

#include "haiga/base/cpu.hpp"
#include "haiga/base/parallel.hpp"

#include <cstdint>
#include <vector>

namespace haiga::checkpoint::detail {

/// A matrix of f32 as its product is computed: in f64, where a product of two f32 is exact, so that
/// every instruction set gives the same bits whether it multiplies and adds at once or not.
///
/// Rows in groups of `lines`, and in a group column by column; zeros where the last has fewer rows.
class packed_matrix {
public:
    /// Of rows x columns at(row, column).
    template <class At>
    packed_matrix(std::int64_t rows, std::int64_t columns, std::int64_t lines, At const& at)
        : columns_(columns), lines_(lines)
    {
        auto const groups = (rows + lines - 1) / lines;
        values_.resize(static_cast<std::size_t>(groups * lines * columns));
        for (std::int64_t row = 0; row < rows; ++row) {
            auto* to = values_.data() + row / lines * lines * columns + row % lines;
            for (std::int64_t column = 0; column < columns; ++column, to += lines) {
                *to = double{at(row, column)};
            }
        }
    }

    [[nodiscard]] auto group(std::int64_t number) const -> double const*
    {
        return values_.data() + number * lines_ * columns_;
    }

private:
    std::int64_t columns_;
    std::int64_t lines_;
    std::vector<double> values_;
};

/// The sums of one tile of a product.
inline constexpr int tile_rows = 4;
inline constexpr int tile_columns = 8;
using tile_sums = double[tile_rows][tile_columns];

HAIGA_ALWAYS_INLINE void sum_tile(double const* HAIGA_RESTRICT up,
                                  double const* HAIGA_RESTRICT down, std::int64_t rank,
                                  tile_sums& sums)
{
    tile_sums local = {};
    for (std::int64_t r = 0; r < rank; ++r, up += tile_rows, down += tile_columns) {
        HAIGA_UNROLL
        for (int i = 0; i < tile_rows; ++i) {
            HAIGA_UNROLL
            for (int j = 0; j < tile_columns; ++j) {
                local[i][j] += up[i] * down[j];
            }
        }
    }
    for (int i = 0; i < tile_rows; ++i) {
        for (int j = 0; j < tile_columns; ++j) {
            sums[i][j] = local[i][j];
        }
    }
}

/// to[i][j] += scale * sum over r of up(i, r) * down(r, j), for a row-major to.
///
/// Order: the sum goes over r upwards, in f64; it is scaled, rounded to f32 and added to `to`. The
///        same bytes for any number of threads and any instruction set.
template <class Up, class Down>
void add_product(float* to, std::int64_t rows, std::int64_t columns, std::int64_t rank,
                 double scale, Up const& up, Down const& down, parallelism team)
{
    packed_matrix const ups(rows, rank, tile_rows, up);
    packed_matrix const downs(columns, rank, tile_columns,
                              [&](std::int64_t column, std::int64_t r) { return down(r, column); });
    constexpr std::int64_t tiles_of_band = 16; // its part of `up` stays in the nearest cache
    constexpr auto band_rows = tiles_of_band * tile_rows;
    parallel_for(team, (rows + band_rows - 1) / band_rows, [&](std::ptrdiff_t band, int) {
        auto const end = std::min<std::int64_t>(rows, (band + 1) * band_rows);
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t column = 0; column < columns; column += tile_columns) {
                for (auto row = band * band_rows; row < end; row += tile_rows) {
                    tile_sums sums;
                    sum_tile(ups.group(row / tile_rows), downs.group(column / tile_columns), rank,
                             sums);
                    auto const high = std::min<std::int64_t>(tile_rows, end - row);
                    auto const wide = std::min<std::int64_t>(tile_columns, columns - column);
                    for (std::int64_t i = 0; i < high; ++i) {
                        for (std::int64_t j = 0; j < wide; ++j) {
                            to[(row + i) * columns + column + j] +=
                                static_cast<float>(scale * sums[i][j]);
                        }
                    }
                }
            }
        });
    });
}

} // namespace haiga::checkpoint::detail
