#pragma once

#include "haiga/image/pixels.hpp"

#include <algorithm>
#include <cstdlib>
#include <span>

namespace haiga_test {

inline auto picture_of(int width, int height, int channels, std::span<unsigned char const> values)
    -> haiga::image::pixels
{
    haiga::image::pixels picture(width, height, channels);
    HAIGA_CHECK(values.size() == picture.values.size());
    std::ranges::copy(values, picture.values.begin());
    return picture;
}

/// The pattern of tests/peers/images.py.
inline auto pattern(int width, int height, int channels = 3) -> haiga::image::pixels
{
    haiga::image::pixels picture(width, height, channels);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int c = 0; c < channels; ++c) {
                picture(x, y, c) = static_cast<std::uint8_t>(x * 37 + y * 91 + c * 53 + x * y * 7);
            }
        }
    }
    return picture;
}

/// Slow in both directions: a JPEG keeps it nearly.
inline auto gradient(int width, int height) -> haiga::image::pixels
{
    haiga::image::pixels picture(width, height, 3);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            picture(x, y, 0) = static_cast<std::uint8_t>(255 * x / width);
            picture(x, y, 1) = static_cast<std::uint8_t>(255 * y / height);
            picture(x, y, 2) = 100;
        }
    }
    return picture;
}

template <class T>
auto largest_difference(haiga::image::basic_pixels<T> const& a,
                        haiga::image::basic_pixels<T> const& b) -> double
{
    HAIGA_CHECK(a.same_size(b));
    double largest = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        auto const d = static_cast<double>(a.values[i]) - static_cast<double>(b.values[i]);
        largest = std::max(largest, d < 0 ? -d : d);
    }
    return largest;
}

} // namespace haiga_test
