#pragma once

#include "haiga/device/cpu/elementwise.hpp"

#include <algorithm>

namespace haiga::nn {

/// A channels-last tensor as the host walks over it: contiguous pieces of whole pixels, cut by
/// nothing but the shape, each seen as rows of `width` columns. A row is one pixel, or several
/// where there are few channels, so that inner loops are long.
struct pixel_rows {
    std::int64_t samples = 0, pixels = 0, channels = 0;
    std::int64_t width = 0;  ///< a multiple of channels
    std::int64_t piece = 0;  ///< elements, a multiple of width
    std::int64_t pieces = 0; ///< in a sample

    /// Shapes: [N, ..., C], not empty.
    static auto of(shape const& s) -> pixel_rows
    {
        pixel_rows r{.samples = s[0], .channels = s[-1]};
        HAIGA_CHECK(s.rank() >= 2 && s.elements() > 0, s);
        r.pixels = s.elements() / (r.samples * r.channels);
        r.width = std::max<std::int64_t>(1, 256 / r.channels) * r.channels;
        // 32 rows at least, so that what is kept for a piece is little beside the piece
        r.piece = std::max<std::int64_t>(32, device::piece / r.width) * r.width;
        r.pieces = (r.sample_size() + r.piece - 1) / r.piece;
        return r;
    }

    [[nodiscard]] auto sample_size() const -> std::int64_t { return pixels * channels; }
    [[nodiscard]] auto size_of_piece(std::int64_t in_sample) const -> std::int64_t
    {
        return std::min(piece, sample_size() - in_sample * piece);
    }

    /// `count` rows of a thread's scratch memory.
    template <class C, device::host B>
    [[nodiscard]] auto scratch(B& b, int thread, std::int64_t count) const -> C*
    {
        return static_cast<C*>(
            b.scratch(thread, static_cast<std::size_t>(count * width) * sizeof(C)));
    }

    /// A row from values a channel.
    template <class C, class Of>
    void fill(C* row, Of const& of_channel) const
    {
        for (std::int64_t c = 0; c < channels; ++c) {
            row[c] = of_channel(c);
        }
        for (std::int64_t c = channels; c < width; ++c) {
            row[c] = row[c - channels];
        }
    }

    /// Sums a channel, from a row of sums.
    template <class C>
    void fold(C const* row, C* of_channels) const
    {
        std::copy_n(row, channels, of_channels);
        for (std::int64_t first = channels; first < width; first += channels) {
            for (std::int64_t c = 0; c < channels; ++c) {
                of_channels[c] += row[first + c];
            }
        }
    }
};

/// A piece: where it starts in the whole tensor, and how many elements it has.
struct pixel_piece {
    std::int64_t sample = 0, index = 0, first = 0, size = 0; ///< index counts over all samples
};

/// body(piece, thread) for every piece, on all threads.
template <device::host B, class Body>
void for_each_piece(B& b, pixel_rows const& rows, Body const& body)
{
    parallel_for(b.team(), rows.samples * rows.pieces, [&](std::ptrdiff_t i, int thread) {
        auto const sample = i / rows.pieces;
        auto const in_sample = i % rows.pieces;
        body(pixel_piece{.sample = sample,
                         .index = i,
                         .first = sample * rows.sample_size() + in_sample * rows.piece,
                         .size = rows.size_of_piece(in_sample)},
             thread);
    });
}

/// body(element, column) for every element of a piece; vectorised over the columns.
template <class Body>
void walk_rows(std::int64_t size, std::int64_t width, Body const& body)
{
    vectorised([=]() HAIGA_INLINE_LAMBDA {
        for (std::int64_t row = 0; row < size; row += width) {
            auto const columns = std::min(width, size - row);
            for (std::int64_t c = 0; c < columns; ++c) {
                body(row + c, c);
            }
        }
    });
}

/// totals[column] += at(element, column) for every element of a piece, four rows at a time.
template <class C, class At>
void sum_columns(std::int64_t size, std::int64_t width, C* HAIGA_RESTRICT totals, At const& at)
{
    auto const whole = size / (4 * width) * 4 * width;
    vectorised([=]() HAIGA_INLINE_LAMBDA {
        for (std::int64_t row = 0; row < whole; row += 4 * width) {
            for (std::int64_t c = 0; c < width; ++c) {
                auto const i = row + c;
                totals[c] +=
                    (at(i, c) + at(i + width, c)) + (at(i + 2 * width, c) + at(i + 3 * width, c));
            }
        }
    });
    walk_rows(size - whole, width, [=](std::int64_t i, std::int64_t c) HAIGA_INLINE_LAMBDA {
        totals[c] += at(whole + i, c);
    });
}

} // namespace haiga::nn
