#pragma once

#include "haiga/image/filter.hpp"
#include "haiga/image/pixels.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <vector>

namespace haiga::image {

namespace detail {

/// Which inputs, weighted how, make one output along one axis.
struct tap_row {
    int first = 0;
    std::vector<float> weights;
};

/// When shrinking, the filter is as much wider as the step is, so that every input counts: this is
/// what keeps fine patterns from turning into coarse ones. Cut off at the border, renormalised.
template <resampling_filter Filter>
auto make_taps(int in, int out, Filter const& filter) -> std::vector<tap_row>
{
    double const step = static_cast<double>(in) / out;
    double const stretch = std::max(step, 1.0);
    double const reach = filter.radius() * stretch;
    std::vector<tap_row> rows(static_cast<std::size_t>(out));
    for (int i = 0; i < out; ++i) {
        double const centre = (i + 0.5) * step;
        int const first = std::clamp(static_cast<int>(centre - reach + 0.5), 0, in - 1);
        int const last = std::clamp(static_cast<int>(centre + reach + 0.5), first + 1, in);
        std::vector<double> weights;
        double sum = 0;
        for (int j = first; j < last; ++j) {
            sum += weights.emplace_back(filter((j + 0.5 - centre) / stretch));
        }
        auto& row = rows[static_cast<std::size_t>(i)];
        row.first = first;
        std::ranges::transform(weights, std::back_inserter(row.weights),
                               [&](double weight) { return static_cast<float>(weight / sum); });
    }
    return rows;
}

template <class T>
auto resize_rows(basic_pixels<T> const& in, std::vector<tap_row> const& taps) -> float_pixels
{
    float_pixels out(static_cast<int>(taps.size()), in.height, in.channels);
    for (int y = 0; y < in.height; ++y) {
        auto* to = out.row(y).data();
        for (auto const& tap : taps) {
            auto const* from = &in(tap.first, y);
            for (float const weight : tap.weights) {
                for (int c = 0; c < in.channels; ++c) {
                    to[c] += weight * static_cast<float>(*from++);
                }
            }
            to += in.channels;
        }
    }
    return out;
}

inline auto resize_columns(float_pixels const& in, std::vector<tap_row> const& taps) -> float_pixels
{
    float_pixels out(in.width, static_cast<int>(taps.size()), in.channels);
    for (int y = 0; y < out.height; ++y) {
        auto const to = out.row(y);
        auto const& tap = taps[static_cast<std::size_t>(y)];
        int from_y = tap.first;
        for (float const weight : tap.weights) {
            auto const from = in.row(from_y++);
            for (std::size_t i = 0; i < to.size(); ++i) {
                to[i] += weight * from[i];
            }
        }
    }
    return out;
}

} // namespace detail

/// Nearest integer, clamped to 0..255: filters overshoot.
inline auto to_bytes(float_pixels const& picture) -> pixels
{
    pixels out(picture.width, picture.height, picture.channels);
    std::ranges::transform(picture.values, out.values.begin(), [](float value) {
        return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F) + 0.5F);
    });
    return out;
}

/// The picture at another size, on the values as stored (not in linear light), as viewers and the
/// field's training pipelines do.
///
/// Shapes: [h, w, c] -> [height, width, c]; all at least 1.
/// Cost:   w * h * c * 2 radius when shrinking; 4 bytes times width * h * c beside the result.
/// Source: Fant 1986, a nonaliasing, real-time spatial transform technique; separable weights.
template <class T, resampling_filter Filter = lanczos3>
requires std::same_as<T, std::uint8_t> || std::same_as<T, float>
auto resize(basic_pixels<T> const& picture, int width, int height, Filter const& filter = {})
    -> basic_pixels<T>
{
    HAIGA_CHECK(picture.width > 0 && picture.height > 0 && width > 0 && height > 0);
    auto const rows = detail::resize_rows(picture, detail::make_taps(picture.width, width, filter));
    auto out = detail::resize_columns(rows, detail::make_taps(picture.height, height, filter));
    if constexpr (std::same_as<T, float>) {
        return out;
    } else {
        return to_bytes(out);
    }
}

} // namespace haiga::image
