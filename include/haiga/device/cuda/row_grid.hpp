#pragma once

#include <cstdint>

namespace haiga::kernel {

/// A ceiling of a / b.
constexpr auto quotient_up(std::int64_t a, std::int64_t b) -> std::int64_t
{
    return (a + b - 1) / b;
}

/// How an array [samples, rows, columns] is shared out: a thread keeps to a few neighbouring
/// columns and walks down rows, so that neighbouring threads read neighbouring memory and what
/// belongs to a column stays in registers.
///
/// It depends on the sizes alone, never on the device: sums that follow it have one order.
struct row_grid {
    std::int64_t samples = 0, rows = 0, columns = 0;
    std::int64_t vector = 1; ///< columns a thread
    std::int64_t lanes = 1;  ///< threads side by side
    std::int64_t slots = 1;  ///< rows that a block takes at once
    std::int64_t tiles = 1;  ///< blocks side by side
    std::int64_t chunk = 1;  ///< rows a block
    std::int64_t chunks = 1; ///< blocks down one sample

    [[nodiscard]] constexpr auto threads() const -> std::int64_t { return lanes * slots; }
    [[nodiscard]] constexpr auto blocks() const -> std::int64_t { return samples * tiles * chunks; }
};

namespace detail {

inline constexpr std::int64_t most_threads = 256;   ///< a block
inline constexpr std::int64_t blocks_wanted = 2048; ///< fills the largest GPU several times over
inline constexpr std::int64_t least_steps = 4;      ///< rows a thread, to be worth its start
inline constexpr std::int64_t most_steps = 256;     ///< rows a thread: bounds the error of its sum

constexpr auto at_least(std::int64_t a, std::int64_t b) -> std::int64_t { return a < b ? b : a; }
constexpr auto at_most(std::int64_t a, std::int64_t b) -> std::int64_t { return a < b ? a : b; }

} // namespace detail

/// vector divides columns; all sizes are at least 1.
constexpr auto share_rows(std::int64_t samples, std::int64_t rows, std::int64_t columns,
                          std::int64_t vector) -> row_grid
{
    row_grid g{.samples = samples, .rows = rows, .columns = columns, .vector = vector};
    auto const vectors = columns / vector;
    g.tiles = quotient_up(vectors, detail::most_threads);
    g.lanes = quotient_up(vectors, g.tiles);
    g.slots = detail::most_threads / g.lanes;
    auto const down = detail::at_least(detail::blocks_wanted / (samples * g.tiles), 1);
    auto const steps = detail::at_most(
        detail::at_least(quotient_up(quotient_up(rows, down), g.slots), detail::least_steps),
        detail::most_steps);
    g.chunk = steps * g.slots;
    g.chunks = quotient_up(rows, g.chunk);
    return g;
}

/// For adding up few rows to one: each block takes all of them, 32 columns wide.
constexpr auto share_columns(std::int64_t samples, std::int64_t rows, std::int64_t columns)
    -> row_grid
{
    return {.samples = samples,
            .rows = rows,
            .columns = columns,
            .vector = 1,
            .lanes = 32,
            .slots = 16,
            .tiles = quotient_up(columns, 32),
            .chunk = rows,
            .chunks = 1};
}

/// What one thread of one block works on: rows first, first + slots, ... below last.
struct place {
    std::int64_t sample = 0;
    std::int64_t chunk = 0;
    std::int64_t column = 0; ///< its first; beyond the last column it has nothing to do
    std::int64_t slot = 0;
    std::int64_t chunk_first = 0, last = 0; ///< rows of the block

    [[nodiscard]] constexpr auto first() const -> std::int64_t { return chunk_first + slot; }
};

/// Blocks of one sample follow each other, and of those the ones side by side.
constexpr auto place_of(row_grid const& g, std::int64_t block, std::int64_t thread) -> place
{
    place p;
    p.sample = block / (g.tiles * g.chunks);
    p.chunk = block / g.tiles % g.chunks;
    p.column = (block % g.tiles * g.lanes + thread % g.lanes) * g.vector;
    p.slot = thread / g.lanes;
    p.chunk_first = p.chunk * g.chunk;
    p.last = detail::at_most(p.chunk_first + g.chunk, g.rows);
    return p;
}

} // namespace haiga::kernel
