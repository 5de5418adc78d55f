#pragma once

#include "haiga/image/pixels.hpp"
#include "haiga/tensor/view.hpp"

#include <algorithm>
#include <cmath>

namespace haiga::image {

/// Writes a picture the way models see it: one plane a channel, 0..255 as -1..1.
/// Shapes: [h, w, c] -> planes [c, h, w].
inline void to_planes(pixels const& picture, tensor_view<float> planes)
{
    HAIGA_CHECK((planes.shape() == shape{picture.channels, picture.height, picture.width}),
                "planes ", planes.shape());
    auto* to = planes.data();
    for (int c = 0; c < picture.channels; ++c) {
        for (int y = 0; y < picture.height; ++y) {
            for (int x = 0; x < picture.width; ++x) {
                *to++ = static_cast<float>(picture(x, y, c)) / 127.5F - 1.0F;
            }
        }
    }
}

/// The way back: clamped to -1..1, rounded to nearest; NaN becomes black.
/// Shapes: planes [c, h, w] -> [h, w, c].
inline auto from_planes(tensor_view<float const> planes) -> pixels
{
    HAIGA_CHECK(planes.shape().rank() == 3, "planes ", planes.shape());
    pixels out(static_cast<int>(planes.shape()[2]), static_cast<int>(planes.shape()[1]),
               static_cast<int>(planes.shape()[0]));
    auto const* from = planes.data();
    for (int c = 0; c < out.channels; ++c) {
        for (int y = 0; y < out.height; ++y) {
            for (int x = 0; x < out.width; ++x) {
                float const value = (*from++ + 1.0F) * 127.5F;
                out(x, y, c) = value > 0 ? static_cast<std::uint8_t>(std::min(value, 255.0F) + 0.5F)
                                         : std::uint8_t{0};
            }
        }
    }
    return out;
}

} // namespace haiga::image
