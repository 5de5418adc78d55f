#pragma once

#include "haiga/image/pixels.hpp"

#include <algorithm>
#include <utility>

namespace haiga::image {

/// How a picture is stored. The names say what makes it upright again.
/// Source: Exif 2.32 (CIPA DC-008), tag 274: where the stored row 0 and column 0 belong.
enum class orientation : std::uint8_t {
    upright = 1,
    mirror = 2,
    turn_half = 3,
    flip = 4,
    transpose = 5,
    turn_right = 6, ///< a quarter, clockwise
    transverse = 7,
    turn_left = 8,
};

/// The picture as its maker saw it. Cost: one pass; nothing when it is upright already.
template <class T>
auto upright(basic_pixels<T> picture, orientation stored) -> basic_pixels<T>
{
    using enum orientation;
    if (stored == orientation::upright) {
        return picture;
    }
    bool const swapped = stored >= transpose;
    // from the result's (x, y): first to the stored axes, then mirrored along them
    bool const mirror_x =
        stored == mirror || stored == turn_half || stored == transverse || stored == turn_left;
    bool const mirror_y =
        stored == flip || stored == turn_half || stored == transverse || stored == turn_right;
    int const width = picture.width;
    int const height = picture.height;
    basic_pixels<T> out(swapped ? height : width, swapped ? width : height, picture.channels);
    for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
            int const from_x = swapped ? y : x;
            int const from_y = swapped ? x : y;
            auto const* const from = &picture(mirror_x ? width - 1 - from_x : from_x,
                                              mirror_y ? height - 1 - from_y : from_y);
            std::copy_n(from, picture.channels, &out(x, y));
        }
    }
    return out;
}

} // namespace haiga::image
