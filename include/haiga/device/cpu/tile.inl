// Register tiles of the three product forms, for one instruction set. Included by tile.hpp once a
// set, inside a namespace, with HAIGA_TILE_TARGET (a function attribute) and tile_lanes defined.

using lane = float __attribute__((vector_size(tile_lanes * 4)));
// A lane anywhere in memory. To Clang, alignment belongs to the name; GCC's auto drops it.
using loose_lane __attribute__((aligned(4), may_alias)) = lane;

/// acc[r][v] += A(r, i) * B(i, v) over every segment; A(r, i) is a[rows[r] + i] (Tn false) or
/// a[rows[i] + r] (Tn true).
/// Columns counts whole lanes; it is 0 for the last few columns, fewer than a lane.
template <bool Tn, int Rows, int Columns>
HAIGA_TILE_TARGET inline void outer_tile(product<float> const& p, std::int64_t row,
                                         std::int64_t column)
{
    constexpr bool some = Columns == 0;
    constexpr int Vectors = some ? 1 : Columns;
    auto const left = p.n - column;
    lane acc[Rows][Vectors] = {};
    for (auto const& s : p.segments) {
        float const* a[Rows];
        if constexpr (!Tn) {
            HAIGA_UNROLL
            for (int r = 0; r < Rows; ++r) {
                a[r] = p.a + s.a + p.a_rows[static_cast<std::size_t>(row + r)];
            }
        }
        float const* b = p.b + s.b + column;
        for (std::int64_t i = 0; i < p.k; ++i, b += p.ldb) {
            float const* const column_of_a =
                Tn ? p.a + s.a + p.a_rows[static_cast<std::size_t>(i)] + row : nullptr;
            lane bv[Vectors];
            HAIGA_UNROLL
            for (int v = 0; v < Vectors; ++v) {
                bv[v] = some ? load_some(b, left)
                             : *reinterpret_cast<loose_lane const*>(b + v * tile_lanes);
                if constexpr (Columns == 3) { // else GCC 12 loads it for each row anew
                    HAIGA_IN_REGISTER(bv[v]);
                }
            }
            HAIGA_UNROLL
            for (int r = 0; r < Rows; ++r) {
                float const x = Tn ? column_of_a[r] : a[r][i];
                HAIGA_UNROLL
                for (int v = 0; v < Vectors; ++v) {
                    acc[r][v] += x * bv[v];
                }
            }
        }
    }
    HAIGA_UNROLL
    for (int r = 0; r < Rows; ++r) {
        float* const c = p.c + p.c_rows[static_cast<std::size_t>(row + r)] + column;
        if constexpr (some) {
            store_some(c, left, p.accumulate ? load_some(c, left) + acc[r][0] : acc[r][0]);
            continue;
        }
        HAIGA_UNROLL
        for (int v = 0; v < Vectors; ++v) {
            loose_lane& out = *reinterpret_cast<loose_lane*>(c + v * tile_lanes);
            out = p.accumulate ? out + acc[r][v] : acc[r][v];
        }
    }
}

HAIGA_TILE_TARGET inline auto sum_of(lane x) -> float
{
    float sum = 0;
    for (int i = 0; i < tile_lanes; ++i) {
        sum += x[i];
    }
    return sum;
}

/// C(r, c) from rows of A and rows of B: partial sums stay in the lanes until the end.
template <int Rows, int Columns>
HAIGA_TILE_TARGET inline void inner_tile(product<float> const& p, std::int64_t row,
                                         std::int64_t column)
{
    lane acc[Rows][Columns] = {};
    float tail[Rows][Columns] = {};
    auto const whole = p.k - p.k % tile_lanes;
    for (auto const& s : p.segments) {
        float const* a[Rows];
        HAIGA_UNROLL
        for (int r = 0; r < Rows; ++r) {
            a[r] = p.a + s.a + p.a_rows[static_cast<std::size_t>(row + r)];
        }
        float const* const b = p.b + s.b + column * p.ldb;
        for (std::int64_t i = 0; i < whole; i += tile_lanes) {
            lane av[Rows];
            HAIGA_UNROLL
            for (int r = 0; r < Rows; ++r) {
                av[r] = *reinterpret_cast<loose_lane const*>(a[r] + i);
            }
            HAIGA_UNROLL
            for (int c = 0; c < Columns; ++c) {
                lane const bv = *reinterpret_cast<loose_lane const*>(b + c * p.ldb + i);
                HAIGA_UNROLL
                for (int r = 0; r < Rows; ++r) {
                    acc[r][c] += av[r] * bv;
                }
            }
        }
        for (std::int64_t i = whole; i < p.k; ++i) {
            for (int r = 0; r < Rows; ++r) {
                for (int c = 0; c < Columns; ++c) {
                    tail[r][c] += a[r][i] * b[c * p.ldb + i];
                }
            }
        }
    }
    HAIGA_UNROLL
    for (int r = 0; r < Rows; ++r) {
        float* const out = p.c + p.c_rows[static_cast<std::size_t>(row + r)] + column;
        HAIGA_UNROLL
        for (int c = 0; c < Columns; ++c) {
            float const value = sum_of(acc[r][c]) + tail[r][c];
            out[c] = p.accumulate ? out[c] + value : value;
        }
    }
}

/// Rows [row, row + count) in one tile; count <= Rows.
template <class Tile, int Rows>
HAIGA_TILE_TARGET inline void last_rows(product<float> const& p, std::int64_t row,
                                        std::int64_t count, std::int64_t column)
{
    if constexpr (Rows > 0) {
        if (count == Rows) {
            return Tile::template run<Rows>(p, row, column);
        }
        last_rows<Tile, Rows - 1>(p, row, count, column);
    }
}

/// The last two tiles share evenly what is left: one of few rows would wait for its own sums.
template <class Tile>
HAIGA_TILE_TARGET inline void all_rows(product<float> const& p, std::int64_t column)
{
    std::int64_t row = 0;
    for (; p.m - row >= 2 * Tile::rows || p.m - row == Tile::rows; row += Tile::rows) {
        Tile::template run<Tile::rows>(p, row, column);
    }
    if (p.m - row > Tile::rows) {
        auto const half = (p.m - row + 1) / 2;
        last_rows<Tile, Tile::rows>(p, row, half, column);
        row += half;
    }
    last_rows<Tile, Tile::rows>(p, row, p.m - row, column);
}

template <bool Tn, int Columns>
struct outer {
    // as many sums as hide the latency of a multiplication and leave registers for B
    static constexpr int few = Columns == 3 ? 4 : Columns == 2 ? 6 : 12;
    static constexpr int rows = tile_lanes == 16 && Columns > 1 ? 2 * few : few;
    template <int Rows>
    HAIGA_TILE_TARGET static void run(product<float> const& p, std::int64_t row,
                                      std::int64_t column)
    {
        outer_tile<Tn, Rows, Columns>(p, row, column);
    }
};

template <int Columns>
struct inner {
    static constexpr int rows = 3;
    template <int Rows>
    HAIGA_TILE_TARGET static void run(product<float> const& p, std::int64_t row,
                                      std::int64_t column)
    {
        inner_tile<Rows, Columns>(p, row, column);
    }
};

template <bool Tn>
HAIGA_TILE_TARGET inline void multiply_outer(product<float> const& p)
{
    std::int64_t column = 0;
    bool const odd = p.n / tile_lanes % 2 == 1;
    if (odd && p.n >= 3 * tile_lanes) {
        all_rows<outer<Tn, 3>>(p, column);
        column += 3 * tile_lanes;
    }
    for (; column + 2 * tile_lanes <= p.n; column += 2 * tile_lanes) {
        all_rows<outer<Tn, 2>>(p, column);
    }
    if (column + tile_lanes <= p.n) {
        all_rows<outer<Tn, 1>>(p, column);
        column += tile_lanes;
    }
    if (column < p.n) {
        all_rows<outer<Tn, 0>>(p, column);
    }
}

HAIGA_TILE_TARGET inline void multiply_inner(product<float> const& p)
{
    constexpr int columns = tile_lanes == 16 ? 6 : 4;
    std::int64_t column = 0;
    for (; column + columns <= p.n; column += columns) {
        all_rows<inner<columns>>(p, column);
    }
    for (; column < p.n; ++column) {
        all_rows<inner<1>>(p, column);
    }
}

HAIGA_TILE_TARGET inline void multiply(form how, product<float> const& p)
{
    switch (how) {
    case form::nn: return multiply_outer<false>(p);
    case form::nt: return multiply_inner(p);
    case form::tn: return multiply_outer<true>(p);
    }
}
