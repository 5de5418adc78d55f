#pragma once

#include "haiga/image/pixels.hpp"

#include <algorithm>
#include <span>

namespace haiga::image {

/// Pictures of one size side by side in rows, `gap` white pixels between and around them.
/// Shapes: n of [h, w, c] -> [rows * (h + gap) + gap, columns * (w + gap) + gap, c].
inline auto contact_sheet(std::span<pixels const> pictures, int columns, int gap = 2) -> pixels
{
    HAIGA_CHECK(!pictures.empty() && columns > 0 && gap >= 0);
    auto const& first = pictures.front();
    int const count = static_cast<int>(pictures.size());
    columns = std::min(columns, count);
    int const rows = (count + columns - 1) / columns;
    pixels sheet(columns * (first.width + gap) + gap, rows * (first.height + gap) + gap,
                 first.channels);
    std::ranges::fill(sheet.values, std::uint8_t{255});
    for (int i = 0; i < count; ++i) {
        auto const& picture = pictures[static_cast<std::size_t>(i)];
        HAIGA_CHECK(picture.same_size(first), "picture ", i, " differs from the first");
        int const left = gap + i % columns * (first.width + gap);
        int const top = gap + i / columns * (first.height + gap);
        for (int y = 0; y < picture.height; ++y) {
            std::ranges::copy(picture.row(y), &sheet(left, top + y));
        }
    }
    return sheet;
}

} // namespace haiga::image
