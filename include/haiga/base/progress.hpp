#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga {

/// 75 s is "1:15", 3,675 s is "1:01:15". Rounded to whole seconds.
inline auto clock_text(std::chrono::duration<double> span) -> std::string
{
    auto const all = static_cast<long long>(std::llround(std::max(0.0, span.count())));
    char text[48];
    if (all < 3600) {
        std::snprintf(text, sizeof text, "%lld:%02lld", all / 60, all % 60);
    } else {
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
    }
    return text;
}

/// How far a long job is, how fast it goes, and when it will be done, as one line of text.
///
/// It reads no clock and prints nothing: the caller tells the time and asks due() whether a line is
/// wanted yet.
class progress {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using seconds = std::chrono::duration<double>;

    /// done: what an earlier run had finished already; it does not count for the rate.
    progress(std::int64_t total, time_point start, std::int64_t done = 0)
        : total_(total), done_(done), counted_(done), start_(start), last_(start), told_(start)
    {
        HAIGA_CHECK(done >= 0 && done <= total, done, " of ", total);
    }

    /// done steps are finished at the time now. The rate follows changes within about ten seconds.
    void update(std::int64_t done, time_point now)
    {
        HAIGA_CHECK(done >= done_ && done <= total_, done, " of ", total_);
        done_ = done;
        seconds const passed = now - last_;
        if (done == counted_ || passed.count() <= 0) {
            return;
        }
        double const rate = static_cast<double>(done - counted_) / passed.count();
        double const weight = rate_ == 0 ? 1 : 1 - std::exp(-passed.count() / memory_seconds);
        rate_ += weight * (rate - rate_);
        counted_ = done;
        last_ = now;
    }

    /// Shows "label value" in the line from now on, after those set before.
    void show(std::string_view label, double value)
    {
        auto const at = std::find_if(values_.begin(), values_.end(),
                                     [&](auto const& entry) { return entry.first == label; });
        if (at != values_.end()) {
            at->second = value;
        } else {
            values_.emplace_back(label, value);
        }
    }

    /// Whether a line should be told now: at most one an interval, and one at the end.
    [[nodiscard]] auto due(time_point now, seconds interval = seconds(1)) -> bool
    {
        bool const end = done_ == total_ && !end_told_;
        if (!end && now - told_ < interval) {
            return false;
        }
        end_told_ = done_ == total_;
        told_ = now;
        return true;
    }

    [[nodiscard]] auto done() const -> std::int64_t { return done_; }
    [[nodiscard]] auto total() const -> std::int64_t { return total_; }

    /// Steps a second; 0 before the first.
    [[nodiscard]] auto rate() const -> double { return rate_; }

    /// Time left; nothing before the first step.
    [[nodiscard]] auto left() const -> std::optional<seconds>
    {
        if (done_ < total_ && rate_ == 0) {
            return std::nullopt;
        }
        return seconds(done_ == total_ ? 0 : static_cast<double>(total_ - done_) / rate_);
    }

    /// "120/1000  12%  3.41/s  loss 0.1234  0:35 so far, 4:18 left"
    [[nodiscard]] auto line(time_point now) const -> std::string
    {
        auto text = concat(done_, '/', total_, "  ", total_ == 0 ? 100 : done_ * 100 / total_, '%');
        if (rate_ > 0) {
            text += rate_ >= 0.1 ? number("  %.3g/s", rate_) : number("  %.3g s each", 1 / rate_);
        }
        for (auto const& [label, value] : values_) {
            text += "  " + label + number(" %.4g", value);
        }
        text += "  " + clock_text(now - start_) + " so far";
        if (auto const rest = left()) {
            text += ", " + clock_text(*rest) + " left";
        }
        return text;
    }

private:
    static constexpr double memory_seconds = 10;

    static auto number(char const* format, double value) -> std::string
    {
        char text[48];
        std::snprintf(text, sizeof text, format, value); // NOLINT: the formats are those above
        return text;
    }

    std::int64_t total_;
    std::int64_t done_;
    std::int64_t counted_; ///< done when the rate was last taken, at last_
    time_point start_;
    time_point last_;
    time_point told_;
    bool end_told_ = false;
    double rate_ = 0;
    std::vector<std::pair<std::string, double>> values_;
};

} // namespace haiga
