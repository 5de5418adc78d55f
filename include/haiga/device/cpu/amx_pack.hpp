#pragma once

#include "haiga/device/cpu/amx.hpp"

#include <algorithm>

#if HAIGA_AMX

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi" // vectors are passed between inlined functions only
#endif

// Operands as AMX's tiles want them. What is float is rounded to nearest even.

namespace haiga::device::amx {

namespace detail {

HAIGA_AMX_TARGET inline auto first_of_16(std::int64_t count) -> __mmask16
{
    return static_cast<__mmask16>((1U << std::clamp<std::int64_t>(count, 0, 16)) - 1U);
}

/// `count` of 16 columns of two rows, one row behind the other; zeros for what is not there.
HAIGA_AMX_TARGET inline auto load_two(float const* from, std::int64_t ld, std::int64_t rows,
                                      std::int64_t count) -> __m512i
{
    auto const even = _mm512_maskz_loadu_ps(first_of_16(rows > 0 ? count : 0), from);
    auto const odd = _mm512_maskz_loadu_ps(first_of_16(rows > 1 ? count : 0), from + ld);
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even));
}
HAIGA_AMX_TARGET inline auto load_two(bf16 const* from, std::int64_t ld, std::int64_t rows,
                                      std::int64_t count) -> __m512i
{
    auto const even = _mm256_maskz_loadu_epi16(first_of_16(rows > 0 ? count : 0), from);
    auto const odd = _mm256_maskz_loadu_epi16(first_of_16(rows > 1 ? count : 0), from + ld);
    return _mm512_inserti64x4(_mm512_castsi256_si512(even), odd, 1);
}

/// One row behind the other -> column by column.
HAIGA_AMX_TARGET inline auto in_pairs(__m512i rows) -> __m512i
{
    auto const low = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    auto const high = _mm512_add_epi32(low, _mm512_set1_epi32(16));
    return _mm512_permutexvar_epi16(_mm512_or_si512(low, _mm512_slli_epi32(high, 16)), rows);
}

/// 32 consecutive numbers, so 16 pairs.
HAIGA_AMX_TARGET inline auto load_pairs(float const* from) -> __m512i
{
    return reinterpret_cast<__m512i>(
        _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + 16), _mm512_loadu_ps(from)));
}
HAIGA_AMX_TARGET inline auto load_pairs(bf16 const* from) -> __m512i
{
    return _mm512_loadu_si512(from);
}

/// Exchanges rows and columns of 16 x 16 pairs.
HAIGA_AMX_TARGET inline void turn(__m512i (&x)[16])
{
    __m512i y[16];
    for (int i = 0; i < 16; i += 2) {
        y[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
        y[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        x[i] = _mm512_unpacklo_epi64(y[i], y[i + 2]);
        x[i + 1] = _mm512_unpackhi_epi64(y[i], y[i + 2]);
        x[i + 2] = _mm512_unpacklo_epi64(y[i + 1], y[i + 3]);
        x[i + 3] = _mm512_unpackhi_epi64(y[i + 1], y[i + 3]);
    }
    for (int i = 0; i < 4; ++i) {
        y[i] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0x88);
        y[i + 4] = _mm512_shuffle_i32x4(x[i], x[i + 4], 0xdd);
        y[i + 8] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0x88);
        y[i + 12] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], 0xdd);
    }
    for (int i = 0; i < 8; ++i) {
        x[i] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0x88);
        x[i + 8] = _mm512_shuffle_i32x4(y[i], y[i + 8], 0xdd);
    }
}

/// Where the tile of B with this row and column begins, in panels of `depth` rows.
constexpr auto tile_of(std::int64_t row, std::int64_t column, std::int64_t depth) -> std::int64_t
{
    return column / panel * panel * depth + row / tile_depth * tile_depth * panel +
           column % panel / 16 * tile_depth * 16;
}

} // namespace detail

/// B in panels of 32 columns, in them steps of 32 rows, in them two tiles, in them the rows in
/// pairs whose columns alternate.
///
/// Shapes: from [k, n], rows ld apart; to [round_up(n, 32) * depth], of which the first
///         round_up(k, 32) rows, zeros for what is not there.
template <class T>
HAIGA_AMX_TARGET void pack(T const* from, std::int64_t ld, std::int64_t k, std::int64_t n, bf16* to,
                           std::int64_t depth)
{
    constexpr std::int64_t ahead = 8; // rows too short for the processor to see that others follow
    for (std::int64_t row = 0; row < round_up(k, tile_depth); row += 2) {
        auto const soon = std::max<std::int64_t>(0, std::min(row + ahead, k - 2)) * ld;
        for (std::int64_t column = 0; column < round_up(n, panel); column += 16) {
            _mm_prefetch(reinterpret_cast<char const*>(from + soon + column), _MM_HINT_T0);
            _mm_prefetch(reinterpret_cast<char const*>(from + soon + ld + column), _MM_HINT_T0);
            auto const two = detail::load_two(from + row * ld + column, ld, k - row, n - column);
            _mm512_storeu_si512(to + detail::tile_of(row, column, depth) + row % tile_depth * 16,
                                detail::in_pairs(two));
        }
    }
}

/// The same for a B that lies transposed.
///
/// Shapes: from [n, k], rows ld apart, k whole tiles; to as pack().
template <class T>
HAIGA_AMX_TARGET void pack_transposed(T const* from, std::int64_t ld, std::int64_t k,
                                      std::int64_t n, bf16* to, std::int64_t depth)
{
    for (std::int64_t column = 0; column < round_up(n, panel); column += 16) {
        for (std::int64_t row = 0; row < k; row += tile_depth) {
            __m512i x[16];
            for (int i = 0; i < 16; ++i) {
                x[i] = column + i < n ? detail::load_pairs(from + (column + i) * ld + row)
                                      : _mm512_setzero_si512();
            }
            detail::turn(x);
            auto* const tile = to + detail::tile_of(row, column, depth);
            for (int i = 0; i < 16; ++i) {
                _mm512_storeu_si512(tile + i * tile_depth, x[i]);
            }
        }
    }
}

/// A from its transpose.
///
/// Shapes: from [k, m], rows ld apart; to [round_up(m, 16), depth], depth whole tiles and k at
/// least,
///         zeros for what is not there.
template <class T>
HAIGA_AMX_TARGET void transpose(T const* from, std::int64_t ld, std::int64_t k, std::int64_t m,
                                bf16* to, std::int64_t depth)
{
    for (std::int64_t row = 0; row < m; row += tile_rows) {
        for (std::int64_t i = 0; i < depth; i += tile_depth) {
            __m512i x[16];
            for (int j = 0; j < 16; ++j) {
                auto const at = i + 2 * j;
                x[j] =
                    detail::in_pairs(detail::load_two(from + at * ld + row, ld, k - at, m - row));
            }
            detail::turn(x);
            for (int j = 0; j < 16; ++j) {
                _mm512_storeu_si512(to + (row + j) * depth + i, x[j]);
            }
        }
    }
}

} // namespace haiga::device::amx

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
