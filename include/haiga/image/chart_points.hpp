#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace haiga::image {

struct chart_point {
    double x = 0;
    double y = 0;
};
using chart_points = std::vector<chart_point>;

/// The mean of a point and `reach` points on both sides. Near the start, where curves are steep, as
/// many before as after; near the end, where a curve is read, all that there are.
/// Order: one pass.
inline auto smoothed(chart_points const& points, std::size_t reach) -> chart_points
{
    std::vector<double> sums = {0};
    for (auto const& p : points) {
        sums.push_back(sums.back() + p.y);
    }
    auto out = points;
    for (std::size_t i = 0; i < points.size(); ++i) {
        auto const before = std::min(reach, i);
        auto const after = std::min(before, points.size() - 1 - i);
        out[i].y =
            (sums[i + after + 1] - sums[i - before]) / static_cast<double>(before + after + 1);
    }
    return out;
}

/// At most about 2 * `most` points that look the same: the lowest and the highest of each group,
/// in their order.
inline auto thinned(chart_points const& points, std::size_t most) -> chart_points
{
    HAIGA_CHECK(most > 0);
    auto const group = (points.size() + most - 1) / most;
    if (group <= 2) {
        return points;
    }
    chart_points out;
    for (std::size_t first = 0; first < points.size(); first += group) {
        auto const from = points.begin() + static_cast<std::ptrdiff_t>(first);
        auto const count = std::min(group, points.size() - first);
        auto [low, high] = std::minmax_element(from, from + static_cast<std::ptrdiff_t>(count),
                                               [](auto a, auto b) { return a.y < b.y; });
        out.push_back(std::min(low, high)[0]);
        if (low != high) {
            out.push_back(std::max(low, high)[0]);
        }
    }
    return out;
}

} // namespace haiga::image
