#pragma once

#include "haiga/image/pixels.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace haiga::sample {

/// -1..1 -> 0..255, rounded; what is beyond is brought in, and what is no number is black.
/// Shapes: values [height, width, 3].
inline auto to_pixels(std::span<float const> values, int width, int height) -> image::pixels
{
    image::pixels picture(width, height, 3);
    HAIGA_CHECK(values.size() == picture.values.size(), values.size(), " values");
    std::ranges::transform(values, picture.values.begin(), [](float x) {
        auto const v = (x + 1) * 127.5F;
        return v > 0 ? static_cast<std::uint8_t>(std::lround(std::min(v, 255.0F))) : std::uint8_t{};
    });
    return picture;
}

/// 0..255 -> -1..1.   Shapes: [height, width, channels].
inline auto from_pixels(image::pixels const& picture) -> std::vector<float>
{
    std::vector<float> values(picture.values.size());
    std::ranges::transform(picture.values, values.begin(),
                           [](std::uint8_t x) { return 2 * (static_cast<float>(x) / 255) - 1; });
    return values;
}

} // namespace haiga::sample
