#pragma once

#include "haiga/base/check.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace haiga::image {

/// A picture: rows from the top, pixels from the left, the channels of a pixel side by side.
/// Plain data; values.size() == width * height * channels.
template <class T>
struct basic_pixels {
    int width = 0;
    int height = 0;
    int channels = 0;
    std::vector<T> values;

    basic_pixels() = default;

    /// All zero. The sizes are checked by whoever read them (decode_limits).
    basic_pixels(int width_, int height_, int channels_)
        : width(width_), height(height_), channels(channels_)
    {
        HAIGA_CHECK(width >= 0 && height >= 0 && channels > 0);
        values.resize(static_cast<std::size_t>(height) * row_length());
    }

    [[nodiscard]] auto row_length() const -> std::size_t
    {
        return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
    }
    [[nodiscard]] auto row(int y) -> std::span<T>
    {
        return std::span(values).subspan(static_cast<std::size_t>(y) * row_length(), row_length());
    }
    [[nodiscard]] auto row(int y) const -> std::span<T const>
    {
        return std::span(values).subspan(static_cast<std::size_t>(y) * row_length(), row_length());
    }

    [[nodiscard]] auto operator()(int x, int y, int channel = 0) -> T&
    {
        return row(y)[offset(x, channel)];
    }
    [[nodiscard]] auto operator()(int x, int y, int channel = 0) const -> T const&
    {
        return row(y)[offset(x, channel)];
    }

    [[nodiscard]] auto same_size(basic_pixels const& other) const -> bool
    {
        return width == other.width && height == other.height && channels == other.channels;
    }

    friend auto operator==(basic_pixels const&, basic_pixels const&) -> bool = default;

private:
    [[nodiscard]] auto offset(int x, int channel) const -> std::size_t
    {
        return static_cast<std::size_t>(x) * static_cast<std::size_t>(channels) +
               static_cast<std::size_t>(channel);
    }
};

/// 0 to 255 a channel, in the values of the file: sRGB for nearly all photographs.
using pixels = basic_pixels<std::uint8_t>;
using float_pixels = basic_pixels<float>;

} // namespace haiga::image
