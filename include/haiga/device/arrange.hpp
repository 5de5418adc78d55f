#pragma once

#include "haiga/base/cpu.hpp"
#include "haiga/device/parameter.hpp"

#include <cstddef>

#if HAIGA_X86_DISPATCH
#include <immintrin.h>
#endif

namespace haiga::device {

/// A part of a parameter in the order of checkpoints, seen as a matrix: a row for each extent of
/// the outermost axis, in it all that lies behind. What is `plain` is one row.
struct patch {
    std::int64_t row = 0, rows = 0;
    std::int64_t column = 0, columns = 0;

    [[nodiscard]] auto elements() const -> std::int64_t { return rows * columns; }
};

/// All of a parameter as one patch.
inline auto whole_patch(parameter const& p) -> patch
{
    auto const rows = p.layout == layout::plain ? 1 : p.shape[0];
    return {0, rows, 0, rows == 0 ? 0 : p.shape.elements() / rows};
}

namespace detail {

/// A tile is turned around in the nearest cache. As many rows of the checkpoint are read side by
/// side; of each column they make a few whole cache lines.
inline constexpr std::int64_t tile_rows = 64;
inline constexpr std::int64_t tile_columns = 64;

/// next() tells where the elements of a column go, one behind the other; it is asked column by
/// column.
template <class T, class Next>
HAIGA_ALWAYS_INLINE void turn(T const* tile, std::int64_t rows, std::int64_t columns,
                              Next const& next)
{
    for (std::int64_t column = 0; column < columns; ++column) {
        T* const out = next();
        for (std::int64_t row = 0; row < rows; ++row) {
            out[row] = tile[row * tile_columns + column];
        }
    }
}

#if HAIGA_X86_DISPATCH
/// Four columns of four rows.
HAIGA_ALWAYS_INLINE void turn_four(float const* in, float* const (&out)[4], std::int64_t row)
{
    __m128 const a = _mm_load_ps(in);
    __m128 const b = _mm_load_ps(in + tile_columns);
    __m128 const c = _mm_load_ps(in + 2 * tile_columns);
    __m128 const d = _mm_load_ps(in + 3 * tile_columns);
    __m128 const ab = _mm_unpacklo_ps(a, b);
    __m128 const cd = _mm_unpacklo_ps(c, d);
    __m128 const ab_high = _mm_unpackhi_ps(a, b);
    __m128 const cd_high = _mm_unpackhi_ps(c, d);
    _mm_storeu_ps(out[0] + row, _mm_movelh_ps(ab, cd));
    _mm_storeu_ps(out[1] + row, _mm_movehl_ps(cd, ab));
    _mm_storeu_ps(out[2] + row, _mm_movelh_ps(ab_high, cd_high));
    _mm_storeu_ps(out[3] + row, _mm_movehl_ps(cd_high, ab_high));
}

template <class Next>
HAIGA_ALWAYS_INLINE void turn(float const* tile, std::int64_t rows, std::int64_t columns,
                              Next const& next)
{
    for (std::int64_t column = 0; column < columns; column += 4) {
        float* out[4] = {};
        for (std::int64_t i = 0; i < std::min<std::int64_t>(4, columns - column); ++i) {
            out[i] = next();
        }
        std::int64_t row = 0;
        for (; row + 4 <= rows && column + 4 <= columns; row += 4) {
            turn_four(tile + row * tile_columns + column, out, row);
        }
        for (; row < rows; ++row) {
            for (std::int64_t i = 0; i < std::min<std::int64_t>(4, columns - column); ++i) {
                out[i][row] = tile[row * tile_columns + column + i];
            }
        }
    }
}
#endif

} // namespace detail

/// Cuts a parameter into patches of about `elements` numbers, of whole tiles, and calls use(patch)
/// with each, in a fixed order.
template <class Use>
void for_each_patch(parameter const& p, std::int64_t elements, Use const& use)
{
    auto const whole = whole_patch(p);
    bool const plain = p.layout == layout::plain;
    auto const height = plain ? 1 : detail::tile_rows;
    auto const width = std::clamp<std::int64_t>(elements / height / detail::tile_columns, 1,
                                                (std::int64_t{1} << 40U)) *
                       detail::tile_columns;
    for (std::int64_t row = 0; row < whole.rows; row += height) {
        for (std::int64_t column = 0; column < whole.columns; column += width) {
            use(patch{row, std::min(height, whole.rows - row), column,
                      std::min(width, whole.columns - column)});
        }
    }
}

/// The checkpoint's order -> the library's, for a patch.
///
/// Shapes: stored is all of the parameter. read(row, column, to) fills `to` with consecutive
///         elements of a row of the checkpoint, from a column on; it is asked for each element of
///         the patch once.
/// Cost:   a pass over memory: tiles are turned around in cache.
template <class T, class Read>
void arrange(parameter const& p, patch const& part, std::span<T> stored, Read const& read)
{
    if (p.layout == layout::plain) {
        read(0, part.column,
             stored.subspan(static_cast<std::size_t>(part.column),
                            static_cast<std::size_t>(part.columns)));
        return;
    }
    auto const outputs = p.shape[0];
    auto const inputs = p.shape[1];
    auto const taps = p.layout == layout::hwio ? p.shape[2] * p.shape[3] : 1;
    alignas(64) T tile[detail::tile_rows * detail::tile_columns];
    for (auto row = part.row; row < part.row + part.rows; row += detail::tile_rows) {
        auto const rows = std::min(detail::tile_rows, part.row + part.rows - row);
        for (auto column = part.column; column < part.column + part.columns;
             column += detail::tile_columns) {
            auto const columns =
                std::min(detail::tile_columns, part.column + part.columns - column);
            for (std::int64_t i = 0; i < rows; ++i) {
                read(row + i, column,
                     std::span(tile + i * detail::tile_columns, static_cast<std::size_t>(columns)));
            }
            auto input = column / taps;
            auto tap = column % taps;
            detail::turn(tile, rows, columns, [&] {
                T* const to = stored.data() + (tap * inputs + input) * outputs + row;
                tap = tap + 1 == taps ? 0 : tap + 1;
                input += tap == 0 ? 1 : 0;
                return to;
            });
        }
    }
}

} // namespace haiga::device
