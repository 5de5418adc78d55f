#include "haiga/image/chart_points.hpp"

#include <doctest/doctest.h>

using namespace haiga::image;

namespace {

auto heights(chart_points const& points) -> std::vector<double>
{
    std::vector<double> out;
    for (auto const& p : points) {
        out.push_back(p.y);
    }
    return out;
}

} // namespace

TEST_CASE(
    "means of both sides; of as much before as after at the start, of what is left at the end")
{
    chart_points const points = {{1, 0}, {2, 3}, {3, 9}, {4, 3}, {5, 6}};
    CHECK(heights(smoothed(points, 1)) == std::vector<double>{0, 4, 5, 6, 4.5});
    CHECK(heights(smoothed(points, 2)) == std::vector<double>{0, 4, 4.2, 5.25, 6});
    CHECK(smoothed({}, 3).empty());
}

TEST_CASE("thinning keeps every group's lowest and highest point, in order")
{
    chart_points points;
    for (int i = 0; i < 1000; ++i) {
        points.push_back({static_cast<double>(i), i == 500 ? 100.0 : i % 7});
    }
    auto const few = thinned(points, 50);
    CHECK(few.size() == 100);
    CHECK(std::ranges::is_sorted(few, {}, &chart_point::x));
    CHECK(std::ranges::count(heights(few), 100.0) == 1);
    CHECK(thinned(points, 1000).size() == 1000);
}
