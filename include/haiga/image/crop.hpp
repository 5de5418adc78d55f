#pragma once

#include "haiga/image/pixels.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>

namespace haiga::image {

/// Units: pixels from the left and the top edge.
struct point {
    double x = 0;
    double y = 0;
};

/// Tells what in a picture matters: the point that a crop should have in its middle.
/// Law: the same picture gives the same point, inside the picture.
template <class C>
concept crop_chooser = requires(C const& chooser, pixels const& picture)
{
    {
        chooser(picture)
        } -> std::same_as<point>;
};

struct centre_crop {
    auto operator()(pixels const& picture) const -> point
    {
        return {picture.width / 2.0, picture.height / 2.0};
    }
};

static_assert(crop_chooser<centre_crop>);

/// A part of a picture, which must lie inside it.
template <class T>
auto crop(basic_pixels<T> const& picture, int left, int top, int width, int height)
    -> basic_pixels<T>
{
    HAIGA_CHECK(left >= 0 && top >= 0 && width >= 0 && height >= 0 &&
                    width <= picture.width - left && height <= picture.height - top,
                width, 'x', height, '+', left, '+', top, " of ", picture.width, 'x',
                picture.height);
    basic_pixels<T> out(width, height, picture.channels);
    auto const offset = static_cast<std::ptrdiff_t>(left) * picture.channels;
    for (int y = 0; y < height; ++y) {
        auto const from = picture.row(top + y);
        std::copy_n(from.begin() + offset, out.row_length(), out.row(y).begin());
    }
    return out;
}

/// The largest square of a picture whose middle is as near to the chosen point as the edges allow.
template <crop_chooser Chooser = centre_crop>
auto square_crop(pixels const& picture, Chooser const& chooser = {}) -> pixels
{
    int const side = std::min(picture.width, picture.height);
    auto const middle = chooser(picture);
    auto const start = [&](double at, int length) {
        return static_cast<int>(
            std::clamp(std::floor(at - side / 2.0), 0.0, 1.0 * (length - side)));
    };
    return crop(picture, start(middle.x, picture.width), start(middle.y, picture.height), side,
                side);
}

} // namespace haiga::image
