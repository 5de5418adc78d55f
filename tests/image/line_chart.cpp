#include "haiga/image/line_chart.hpp"

#include "haiga/base/philox.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <sstream>

using namespace haiga;
using image::axis_scale;
using image::chart_line;
using image::line_chart;

namespace {

auto noisy_loss(std::size_t count) -> std::vector<double>
{
    std::vector<float> noise(count);
    philox{1}.at(0, 0).fill_normal(noise);
    std::vector<double> loss;
    for (float const n : noise) {
        auto const step = static_cast<double>(loss.size() + 1);
        loss.push_back(std::exp(0.4 * static_cast<double>(n)) / step);
    }
    return loss;
}

/// Every number of a coordinate attribute is finite and inside the view box. Returns how many.
auto check_inside(std::string const& svg, double width, double height) -> int
{
    std::regex const attribute(R"re( (x|y|x1|y1|x2|y2|cx|cy|points)=")re");
    int count = 0;
    for (std::sregex_iterator a(svg.begin(), svg.end(), attribute), none; a != none; ++a) {
        std::string const name = (*a)[1];
        auto const begin = static_cast<std::size_t>(a->position() + a->length());
        std::string values = svg.substr(begin, svg.find('"', begin) - begin);
        std::ranges::replace(values, ',', ' ');
        std::istringstream numbers(values);
        int i = 0;
        for (double number; numbers >> number; ++i, ++count) {
            bool const down = name == "points" ? i % 2 == 1 : name.find('y') != std::string::npos;
            CHECK(number >= 0);
            CHECK(number <= (down ? height : width));
        }
        CHECK(numbers.eof());
    }
    return count;
}

auto occurrences(std::string const& text, std::string const& part) -> int
{
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("a chart is the same each time, and everything is inside it")
{
    chart_line const loss = {"loss", noisy_loss(1600)};
    for (auto const scale : {axis_scale::linear, axis_scale::logarithmic}) {
        image::chart_options const options = {
            .title = "t", .x_label = "steps", .y_label = "loss", .y_scale = scale};
        auto const svg = line_chart(loss, options);
        CHECK(svg == line_chart(loss, options));
        CHECK(check_inside(svg, 760, 420) > 3000);    // raw: two a point, thinned by pairs
        CHECK(occurrences(svg, "<polyline") == 2);    // raw and smooth
        CHECK(occurrences(svg, ">mean of 65<") == 1); // 4 % of 1,600, and the point itself
        CHECK(occurrences(svg, "viewBox=\"0 0 760 420\"") == 1);
        CHECK(svg.ends_with("</svg>\n"));
    }
}

TEST_CASE("a long run makes no long file")
{
    auto const svg = line_chart({"loss", noisy_loss(200'000)}, {.title = "long"});
    CHECK(svg.size() < 100'000);
}

TEST_CASE("names are escaped")
{
    auto const svg = line_chart({"<b>&", {1, 2}},
                                {.title = "\"t\" < u", .x_label = "x & y", .y_label = "</svg>"});
    CHECK(occurrences(svg, "<b>") == 0);
    CHECK(occurrences(svg, ">&lt;b&gt;&amp;<") == 1);
    CHECK(occurrences(svg, ">&quot;t&quot; &lt; u<") == 1);
    CHECK(occurrences(svg, ">x &amp; y<") == 1);
    CHECK(occurrences(svg, "</svg>") == 1);
}

TEST_CASE("no line, an empty line, one point, and nothing that can be shown are charts too")
{
    auto const none = line_chart(std::span<chart_line const>(), {});
    CHECK(check_inside(none, 760, 420) > 20); // axes
    auto const empty = line_chart({"empty", {}}, {.y_scale = axis_scale::logarithmic});
    CHECK(occurrences(empty, "<polyline") == 0);
    check_inside(empty, 760, 420);
    auto const one = line_chart({"one", {0.5}}, {.width = 200, .height = 200});
    CHECK(occurrences(one, "<circle") == 1);
    check_inside(one, 200, 200);
    auto const nothing =
        line_chart({"none", {0, -1, std::nan("")}}, {.y_scale = axis_scale::logarithmic});
    CHECK(occurrences(nothing, "<polyline") + occurrences(nothing, "<circle") == 0);
}

TEST_CASE("values that no axis can show are left out, however large the rest")
{
    double const infinity = std::numeric_limits<double>::infinity();
    chart_line const line = {"odd", {1, std::nan(""), infinity, -1e299, 1e299, 5e-324, 3}};
    for (auto const scale : {axis_scale::linear, axis_scale::logarithmic}) {
        auto const svg = line_chart(line, {.y_scale = scale});
        CHECK(occurrences(svg, "nan") + occurrences(svg, "inf") == 0);
        check_inside(svg, 760, 420);
    }
}

TEST_CASE("several lines have places of their own, names and colours")
{
    chart_line const lines[] = {{"a", {1, 2, 3}, {10, 20, 30}}, {"b", {3, 2}, {15, 40}}};
    auto const svg = line_chart(lines, {});
    CHECK(occurrences(svg, "<polyline") == 2);
    CHECK(occurrences(svg, "#0072b2") == 2); // line and key
    CHECK(occurrences(svg, "#d55e00") == 2);
    CHECK(occurrences(svg, ">40<") == 1); // the last mark of x
    check_inside(svg, 760, 420);
}

TEST_CASE("x and y of different lengths, and a chart without room for axes, are a caller's bugs")
{
    CHECK_THROWS_AS(line_chart({"a", {1, 2}, {1}}, {}), contract_violation);
    CHECK_THROWS_AS(line_chart({"a", {1}}, {.width = 100}), contract_violation);
}
