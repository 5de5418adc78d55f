#include "haiga/image/chart_axis.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using image::axis_scale;
using image::chart_axis;

namespace {

auto labels(chart_axis const& axis) -> std::string
{
    std::string all;
    for (double const mark : axis.marks()) {
        all += axis.label(mark) + ' ';
    }
    return all;
}

} // namespace

TEST_CASE("marks are round, and hold the values between them")
{
    CHECK(labels({1, 1600, axis_scale::linear, 8}) == "0 200 400 600 800 1000 1200 1400 1600 ");
    CHECK(labels({-0.13, 0.3, axis_scale::linear, 4}) == "-0.2 0 0.2 0.4 ");
    CHECK(labels({0.012, 0.9, axis_scale::logarithmic, 6}) == "0.01 0.02 0.05 0.1 0.2 0.5 1 ");
    CHECK(labels({1e-6, 1, axis_scale::logarithmic, 6}) == "1e-06 1e-05 0.0001 0.001 0.01 0.1 1 ");
}

TEST_CASE("neighbouring large numbers have labels of their own")
{
    CHECK(labels({10000001, 10000003, axis_scale::linear, 2}) == "10000001 10000002 10000003 ");
}

TEST_CASE("positions go from 0 to 1, of values or of their logarithms")
{
    chart_axis const linear(0, 10, axis_scale::linear, 5);
    CHECK(linear.position(linear.even(2.5)) == doctest::Approx(0.25));
    chart_axis const powers(1, 100, axis_scale::logarithmic, 2);
    CHECK(powers.position(powers.even(10)) == doctest::Approx(0.5));
}

TEST_CASE("whatever can be shown has a place on its axis, and there is room for labels")
{
    double const values[] = {-1e299, -3,  -1e-9, 0,    1e-299,   1e-9, 0.1,      0.3,  1,
                             2,      9.9, 10,    1e15, 1e15 + 1, 1e16, 1e16 + 2, 1e299};
    for (auto const scale : {axis_scale::linear, axis_scale::logarithmic}) {
        for (double const low : values) {
            for (double const high : values) {
                if (low > high || !chart_axis::can_show(low, scale)) {
                    continue;
                }
                CAPTURE(low);
                CAPTURE(high);
                chart_axis const axis(low, high, scale, 6);
                CHECK(axis.marks().size() >= 2);
                CHECK(axis.marks().size() <= 14);
                CHECK(std::ranges::is_sorted(axis.marks(), std::less_equal{}));
                // a millionth of the axis is less than a hundredth of a pixel
                CHECK(axis.position(axis.even(low)) >= -1e-6);
                CHECK(axis.position(axis.even(high)) <= 1 + 1e-6);
            }
        }
    }
}

TEST_CASE("what cannot be shown is a caller's bug")
{
    auto const nan = std::nan("");
    CHECK_THROWS_AS(chart_axis(nan, 1, axis_scale::linear, 5), contract_violation);
    CHECK_THROWS_AS(chart_axis(2, 1, axis_scale::linear, 5), contract_violation);
    CHECK_THROWS_AS(chart_axis(0, 1, axis_scale::logarithmic, 5), contract_violation);
}
