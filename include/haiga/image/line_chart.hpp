#pragma once

#include "haiga/image/chart_axis.hpp"
#include "haiga/image/chart_points.hpp"
#include "haiga/image/svg_text.hpp"

#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace haiga::image {

/// What one line shows: y[i] at x[i], or at i + 1 where x is empty. Values that no axis can show
/// (NaN, infinities, 0 and below on a logarithmic axis) are left out.
struct chart_line {
    std::string name;
    std::vector<double> y;
    std::vector<double> x = {};
};

struct chart_options {
    std::string title = {};
    std::string x_label = {};
    std::string y_label = {};
    axis_scale y_scale = axis_scale::linear;
    /// The share of a line's points that its smooth line averages around each; 0 draws no smooth
    /// line.
    double smoothing = 0.04;
    int width = 760; ///< Units: pixels, at least 200
    int height = 420;
};

namespace detail {

/// Of all values that can be shown; 0..1 (or 0.1..1) where there is none.
struct chart_range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();

    void take(double value)
    {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    [[nodiscard]] auto axis(axis_scale scale, int wanted) const -> chart_axis
    {
        return low <= high ? chart_axis(low, high, scale, wanted)
                           : chart_axis(scale == axis_scale::linear ? 0 : 0.1, 1, scale, wanted);
    }
};

/// Draws into a string, on axes that everything fits.
class chart_drawing {
public:
    chart_drawing(std::span<chart_line const> lines, chart_options const& options)
        : options_(options), axes_(fit(lines, options))
    {
    }

    [[nodiscard]] auto draw(std::span<chart_line const> lines) && -> std::string
    {
        open();
        draw_marks();
        draw_labels();
        int row = 0;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            draw_line(lines[i], colours[i % std::size(colours)], row);
        }
        svg_ += "</svg>\n";
        return std::move(svg_);
    }

private:
    // Source: Okabe and Ito 2008, Color universal design: told apart by the colour-blind too.
    static constexpr std::string_view colours[] = {"#0072b2", "#d55e00", "#009e73",
                                                   "#cc79a7", "#e69f00", "#56b4e9"};
    static constexpr double left = 72;
    static constexpr double right = 24;
    static constexpr double top = 48;
    static constexpr double bottom = 56;

    struct axes {
        chart_axis x;
        chart_axis y;
    };

    static auto x_of(chart_line const& line, std::size_t i) -> double
    {
        return line.x.empty() ? static_cast<double>(i + 1) : line.x[i];
    }

    static auto fit(std::span<chart_line const> lines, chart_options const& options) -> axes
    {
        chart_range x;
        chart_range y;
        for (auto const& line : lines) {
            HAIGA_CHECK(line.x.empty() || line.x.size() == line.y.size(), line.x.size(), " x for ",
                        line.y.size(), " y");
            for (std::size_t i = 0; i < line.y.size(); ++i) {
                if (chart_axis::can_show(x_of(line, i), axis_scale::linear) &&
                    chart_axis::can_show(line.y[i], options.y_scale)) {
                    x.take(x_of(line, i));
                    y.take(line.y[i]);
                }
            }
        }
        return {x.axis(axis_scale::linear, 8), y.axis(options.y_scale, 6)};
    }

    template <class... Parts>
    void add(Parts const&... parts)
    {
        auto const text = [](auto const& part) {
            if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(part)>>) {
                return svg_number(static_cast<double>(part));
            } else {
                return std::string_view(part);
            }
        };
        (svg_.append(text(parts)), ...);
    }

    void open()
    {
        auto const& o = options_;
        add("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", o.width, "\" height=\"", o.height,
            "\" viewBox=\"0 0 ", o.width, " ", o.height,
            "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\" fill=\"#444\">\n");
        add("<rect width=\"", o.width, "\" height=\"", o.height, "\" fill=\"#fff\"/>\n");
    }

    void text(double x, double y, std::string_view anchor, std::string_view words,
              std::string_view more = "")
    {
        add("<text x=\"", x, "\" y=\"", y, "\" text-anchor=\"", anchor, "\"", more, ">",
            escape_xml(words), "</text>\n");
    }

    void stroke(double x1, double y1, double x2, double y2, std::string_view colour)
    {
        add("<line x1=\"", x1, "\" y1=\"", y1, "\" x2=\"", x2, "\" y2=\"", y2, "\" stroke=\"",
            colour, "\"/>\n");
    }

    void draw_marks()
    {
        for (double const mark : axes_.y.marks()) {
            double const y = down(axes_.y.even(mark));
            stroke(left, y, options_.width - right, y, "#e6e6e6");
            text(left - 8, y + 4, "end", axes_.y.label(mark));
        }
        double const floor = options_.height - bottom;
        for (double const mark : axes_.x.marks()) {
            double const x = across(mark);
            stroke(x, floor, x, floor + 5, "#888");
            text(x, floor + 19, "middle", axes_.x.label(mark));
        }
        stroke(left, floor, options_.width - right, floor, "#888");
    }

    void draw_labels()
    {
        auto const& o = options_;
        text(left, 26, "start", o.title, " font-size=\"16\" font-weight=\"bold\" fill=\"#222\"");
        text((left + o.width - right) / 2, o.height - 14.0, "middle", o.x_label);
        double const middle = (top + o.height - bottom) / 2;
        auto const turned = " transform=\"rotate(-90 18 " + svg_number(middle) + ")\"";
        text(18, middle, "middle", o.y_label, turned);
    }
    [[nodiscard]] auto across(double x) const -> double
    {
        return left + axes_.x.position(x) * (options_.width - left - right);
    }
    [[nodiscard]] auto down(double even_y) const -> double
    {
        double const floor = options_.height - bottom;
        return floor - axes_.y.position(even_y) * (floor - top);
    }

    [[nodiscard]] auto shown(chart_line const& line) const -> chart_points
    {
        chart_points points;
        for (std::size_t i = 0; i < line.y.size(); ++i) {
            if (axes_.x.can_show(x_of(line, i)) && axes_.y.can_show(line.y[i])) {
                points.push_back({x_of(line, i), axes_.y.even(line.y[i])});
            }
        }
        return points;
    }

    void draw_line(chart_line const& line, std::string_view colour, int& row)
    {
        auto const points = shown(line);
        auto const reach = static_cast<std::size_t>(std::clamp(options_.smoothing, 0.0, 1.0) *
                                                    static_cast<double>(points.size()) / 2);
        if (reach == 0) {
            draw_points(points, colour, "2", "1");
            draw_name(line.name, colour, "1", row);
            return;
        }
        draw_points(points, colour, "1", "0.3");
        draw_points(smoothed(points, reach), colour, "2.2", "1");
        draw_name(line.name, colour, "0.3", row);
        draw_name("mean of " + svg_number(static_cast<double>(2 * reach + 1)), colour, "1", row);
    }

    void draw_points(chart_points const& points, std::string_view colour, std::string_view width,
                     std::string_view opacity)
    {
        if (points.size() == 1) {
            add("<circle cx=\"", across(points[0].x), "\" cy=\"", down(points[0].y),
                "\" r=\"3\" fill=\"", colour, "\"/>\n");
        }
        if (points.size() < 2) {
            return;
        }
        add("<polyline fill=\"none\" stroke=\"", colour, "\" stroke-width=\"", width,
            "\" stroke-opacity=\"", opacity, "\" stroke-linejoin=\"round\" points=\"");
        for (auto const& p : thinned(points, static_cast<std::size_t>(options_.width))) {
            add(across(p.x), ",", down(p.y), " ");
        }
        svg_.back() = '"';
        svg_ += "/>\n";
    }

    void draw_name(std::string_view name, std::string_view colour, std::string_view opacity,
                   int& row)
    {
        if (name.empty()) {
            return;
        }
        double const y = top + 10 + 17 * row++;
        double const x = options_.width - right - 8;
        add("<line x1=\"", x - 22, "\" y1=\"", y, "\" x2=\"", x, "\" y2=\"", y, "\" stroke=\"",
            colour, "\" stroke-width=\"3\" stroke-opacity=\"", opacity, "\"/>\n");
        text(x - 28, y + 4, "end", name);
    }

    chart_options const& options_;
    axes axes_;
    std::string svg_;
};

} // namespace detail

/// Lines over round numbers as an SVG picture: each pale, with its own smooth line over it (means
/// of what is drawn: of logarithms on a logarithmic axis). No line, an empty line and a single
/// point are charts too.
///
/// Order: the same text for the same values, in every locale.
/// Source: Scalable Vector Graphics 1.1, second edition.
inline auto line_chart(std::span<chart_line const> lines, chart_options const& options)
    -> std::string
{
    HAIGA_CHECK(options.width >= 200 && options.height >= 200, "a chart of ", options.width, " x ",
                options.height);
    return detail::chart_drawing(lines, options).draw(lines);
}

inline auto line_chart(chart_line const& line, chart_options const& options) -> std::string
{
    return line_chart(std::span(&line, 1), options);
}

} // namespace haiga::image
