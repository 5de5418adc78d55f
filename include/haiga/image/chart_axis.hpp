#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

namespace haiga::image {

enum class axis_scale { linear, logarithmic };

/// One axis of a chart: where values go, and which round values are marked. It starts and ends at
/// a mark.
class chart_axis {
public:
    /// For values from low to high, both of which can_show; where they are (nearly) equal the axis
    /// makes room around them. There are about as many marks as wanted.
    chart_axis(double low, double high, axis_scale scale, int wanted) : scale_(scale)
    {
        HAIGA_CHECK(can_show(low, scale) && can_show(high, scale) && low <= high && wanted > 0,
                    "an axis from ", low, " to ", high);
        if (scale == axis_scale::linear) {
            mark_linear(low, high, wanted);
        } else {
            mark_logarithmic(low, high, wanted);
        }
    }

    /// Finite, small enough to be calculated with, and above 0 where a logarithm is taken.
    static auto can_show(double value, axis_scale scale) -> bool
    {
        return std::abs(value) < 1e300 && (scale == axis_scale::linear || value > 1e-300);
    }
    [[nodiscard]] auto can_show(double value) const -> bool { return can_show(value, scale_); }

    /// The value itself or its decimal logarithm: what is drawn evenly.
    [[nodiscard]] auto even(double value) const -> double
    {
        return scale_ == axis_scale::linear ? value : std::log10(value);
    }
    /// Of an even value: 0 at the start of the axis, 1 at its end.
    [[nodiscard]] auto position(double even_value) const -> double
    {
        double const first = even(marks_.front());
        return (even_value - first) / (even(marks_.back()) - first);
    }

    /// At least two, rising.
    [[nodiscard]] auto marks() const -> std::vector<double> const& { return marks_; }

    /// A mark as text, with no more digits than tell it from the others.
    [[nodiscard]] auto label(double mark) const -> std::string
    {
        std::array<char, 40> digits; // NOLINT: written before it is read
        auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), mark,
                                       std::chars_format::general, digits_)
                             .ptr;
        return {digits.data(), end};
    }

private:
    /// The least of 1, 2 and 5 times a power of ten that is not below x. Source: Heckbert 1990,
    /// Nice numbers for graph labels, in Graphics Gems.
    static auto round_step(double x) -> double
    {
        double const power = std::pow(10.0, std::floor(std::log10(x)));
        for (double const digit : {1.0, 2.0, 5.0}) {
            if (x <= digit * power * (1 + 1e-9)) {
                return digit * power;
            }
        }
        return 10 * power;
    }

    void mark_linear(double low, double high, int wanted)
    {
        double const largest = std::max(std::abs(low), std::abs(high));
        if (high - low <= 1e-9 * largest || largest < 1e-290) {
            double const room = largest < 1e-290 ? 1 : largest / 2;
            low -= room;
            high += room;
        }
        double const step = round_step((high - low) / wanted);
        double const first = std::floor(low / step + 1e-9);
        double const last = std::ceil(high / step - 1e-9);
        for (double i = first; i <= last; ++i) {
            marks_.push_back(i * step + 0.0); // never "-0"
        }
        digits_ = std::max(6, static_cast<int>(std::log10(2 * largest / step + 1)) + 2);
    }

    /// 1, 2 and 5 times powers of ten, or powers alone, or some of them, as many as there is room.
    void mark_logarithmic(double low, double high, int wanted)
    {
        auto const first = static_cast<int>(std::floor(std::log10(low)));
        auto const last = std::max(static_cast<int>(std::ceil(std::log10(high))), first + 1);
        int const decades = last - first;
        int const stride = (decades + wanted - 1) / wanted;
        for (int power = first; power < last + stride; power += stride) {
            marks_.push_back(std::pow(10.0, power));
            if (3 * decades <= 2 * wanted && power < last) {
                marks_.push_back(2 * marks_.back());
                marks_.push_back(2.5 * marks_.back());
            }
        }
        while (marks_.size() > 2 && marks_[1] <= low) {
            marks_.erase(marks_.begin());
        }
        while (marks_.size() > 2 && marks_[marks_.size() - 2] >= high) {
            marks_.pop_back();
        }
    }

    axis_scale scale_;
    int digits_ = 6;
    std::vector<double> marks_;
};

} // namespace haiga::image
