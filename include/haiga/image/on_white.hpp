#pragma once

#include "haiga/image/pixels.hpp"

namespace haiga::image {

/// Lays a picture with alpha (its last channel) on white and drops the alpha:
/// round((c * a + 255 * (255 - a)) / 255), on the values as stored, which is what viewers do.
/// Shapes: [h, w, c + 1] -> [h, w, c].
inline auto on_white(pixels const& picture) -> pixels
{
    HAIGA_CHECK(picture.channels >= 2, "no alpha in ", picture.channels, " channel");
    int const colours = picture.channels - 1;
    pixels out(picture.width, picture.height, colours);
    auto const* from = picture.values.data();
    auto* to = out.values.data();
    for (auto const* const end = to + out.values.size(); to != end; ++from) {
        int const alpha = from[colours];
        for (int c = 0; c < colours; ++c) {
            *to++ = static_cast<std::uint8_t>((*from++ * alpha + 255 * (255 - alpha) + 127) / 255);
        }
    }
    return out;
}

} // namespace haiga::image
