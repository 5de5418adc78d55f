#pragma once

#include "haiga/image/pixels.hpp"

#include <cmath>
#include <cstddef>

namespace haiga::image {

/// How alike two pictures of one size are, whatever their brightness and contrast: each is shifted
/// to mean zero and scaled to length one over all its values, then multiplied. In [-1, 1]; 0 when a
/// picture has one value everywhere.
template <class T>
auto normalised_cross_correlation(basic_pixels<T> const& a, basic_pixels<T> const& b) -> double
{
    HAIGA_CHECK(a.same_size(b) && !a.values.empty(), "pictures of different sizes");
    auto const mean = [](auto const& values) {
        double sum = 0;
        for (auto const value : values) {
            sum += static_cast<double>(value);
        }
        return sum / static_cast<double>(values.size());
    };
    double const mean_a = mean(a.values);
    double const mean_b = mean(b.values);
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        double const da = static_cast<double>(a.values[i]) - mean_a;
        double const db = static_cast<double>(b.values[i]) - mean_b;
        ab += da * db;
        aa += da * da;
        bb += db * db;
    }
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

} // namespace haiga::image
