#pragma once

#include "haiga/schema/formats/ascii.hpp"

#include <string_view>

namespace haiga::schema::formats {

namespace detail {

constexpr auto days_in(int year, int month) -> int
{
    bool const is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap ? 29 : days[month - 1];
}

constexpr auto take_date(std::string_view& text) -> bool
{
    auto const year = take_digits(text, 4);
    if (year < 0 || !take(text, '-')) {
        return false;
    }
    auto const month = take_digits(text, 2);
    if (month < 1 || month > 12 || !take(text, '-')) {
        return false;
    }
    auto const day = take_digits(text, 2);
    return day >= 1 && day <= days_in(year, month);
}

struct hour_and_minute {
    int hour = -1, minute = -1;
    [[nodiscard]] constexpr auto is_valid() const -> bool
    {
        return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
    }
    [[nodiscard]] constexpr auto minutes() const -> int { return hour * 60 + minute; }
};

constexpr auto take_hour_and_minute(std::string_view& text) -> hour_and_minute
{
    hour_and_minute found;
    found.hour = take_digits(text, 2);
    found.minute = found.hour >= 0 && take(text, ':') ? take_digits(text, 2) : -1;
    return found;
}

/// Whether text is a zone; the minutes that local time is ahead of UTC.
constexpr auto is_zone(std::string_view text, int& ahead) -> bool
{
    if (text == "Z" || text == "z") {
        return true;
    }
    bool const is_behind = !text.empty() && text[0] == '-';
    if (!is_behind && (text.empty() || text[0] != '+')) {
        return false;
    }
    text.remove_prefix(1);
    auto const offset = take_hour_and_minute(text);
    ahead = is_behind ? -offset.minutes() : offset.minutes();
    return offset.is_valid() && text.empty();
}

} // namespace detail

/// Source: RFC 3339, 5.6, full-date.
constexpr auto is_date(std::string_view text) -> bool
{
    return detail::take_date(text) && text.empty();
}

/// A 60th second is one only where UTC has leap seconds: at the end of a day.
/// Source: RFC 3339, 5.6 and 5.7, full-time.
constexpr auto is_time(std::string_view text) -> bool
{
    auto const clock = detail::take_hour_and_minute(text);
    if (!clock.is_valid() || !take(text, ':')) {
        return false;
    }
    auto const second = take_digits(text, 2);
    if (second < 0 || second > 60) {
        return false;
    }
    if (take(text, '.')) {
        auto const digits = count_while(text, is_digit);
        if (digits == 0) {
            return false;
        }
        text.remove_prefix(digits);
    }
    int ahead = 0;
    if (!detail::is_zone(text, ahead)) {
        return false;
    }
    constexpr int day = 24 * 60;
    return second < 60 || (clock.minutes() - ahead + day) % day == day - 1;
}

/// Source: RFC 3339, 5.6, date-time.
constexpr auto is_date_time(std::string_view text) -> bool
{
    return detail::take_date(text) && (take(text, 'T') || take(text, 't')) && is_time(text);
}

namespace detail {

/// Numbers with units, each the one that follows the last in units.
constexpr auto take_units(std::string_view& text, std::string_view units) -> bool
{
    bool any = false;
    while (!text.empty() && text[0] != 'T') {
        auto const digits = count_while(text, is_digit);
        if (digits == 0 || digits == text.size()) {
            return false;
        }
        auto const place = units.find(text[digits]);
        if (place == std::string_view::npos || (any && place != 0)) {
            return false;
        }
        units.remove_prefix(place + 1);
        text.remove_prefix(digits + 1);
        any = true;
    }
    return any;
}

} // namespace detail

/// Source: RFC 3339, appendix A.
constexpr auto is_duration(std::string_view text) -> bool
{
    if (!take(text, 'P') || text.empty()) {
        return false;
    }
    if (text.back() == 'W') {
        return text.size() > 1 && count_while(text, is_digit) == text.size() - 1;
    }
    if (text[0] != 'T' && !detail::take_units(text, "YMD")) {
        return false;
    }
    return text.empty() || (take(text, 'T') && detail::take_units(text, "HMS") && text.empty());
}

} // namespace haiga::schema::formats
