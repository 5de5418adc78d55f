#pragma once

#include "haiga/device/cpu/elementwise.hpp"

namespace haiga::device::detail {

/// The extents of one channels-last picture.
struct picture {
    std::int64_t h, w, channels;
    [[nodiscard]] auto elements() const -> std::int64_t { return h * w * channels; }
};

/// A rectangle of a picture that may reach beyond its edges.
struct window {
    std::int64_t row, column, rows, columns;
};

/// Copies a window of a picture, as it is or as the compute type, with zeros beyond the edges.
template <class T, class To>
void copy_padded(T const* from, picture p, window w, To* to)
{
    static_assert(std::is_same_v<To, T> || std::is_same_v<To, compute_t<T>>);
    auto const before = std::clamp<std::int64_t>(-w.column, 0, w.columns);
    auto const after = std::clamp<std::int64_t>(w.column + w.columns - p.w, 0, w.columns - before);
    auto const inside = (w.columns - before - after) * p.channels;
    for (auto row = w.row; row < w.row + w.rows; ++row, to += w.columns * p.channels) {
        if (row < 0 || row >= p.h) {
            std::fill_n(to, w.columns * p.channels, To{});
            continue;
        }
        auto* const middle = std::fill_n(to, before * p.channels, To{});
        auto const* const line = from + (row * p.w + w.column + before) * p.channels;
        if constexpr (std::is_same_v<To, T>) {
            std::copy_n(line, inside, middle);
        } else {
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t i = 0; i < inside; ++i) {
                    middle[i] = load(line[i]);
                }
            });
        }
        std::fill_n(middle + inside, after * p.channels, To{});
    }
}

} // namespace haiga::device::detail
