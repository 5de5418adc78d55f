#pragma once

#include <boost/json/value.hpp>

#include <charconv>
#include <cmath>
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace haiga::schema {

/// Any number of a Boost.JSON value: a signed or an unsigned whole number, or a double.
inline auto is_number(boost::json::value const& v) -> bool
{
    return v.is_int64() || v.is_uint64() || v.is_double();
}

/// 1.0 and 1e300 are whole numbers.
inline auto is_whole(double d) -> bool { return std::trunc(d) == d && std::isfinite(d); }

namespace detail {

constexpr double two_to_63 = 9223372036854775808.0;

template <std::integral T>
auto compare_whole(T whole, double d) -> std::strong_ordering
{
    constexpr double above = std::is_signed_v<T> ? two_to_63 : two_to_63 * 2;
    constexpr double lowest = std::is_signed_v<T> ? -two_to_63 : 0;
    if (d >= above) {
        return std::strong_ordering::less;
    }
    if (d < lowest) {
        return std::strong_ordering::greater;
    }
    auto const floor = std::floor(d);
    auto const order = whole <=> static_cast<T>(floor);
    return order == 0 && d > floor ? std::strong_ordering::less : order;
}

} // namespace detail

/// The exact order of two numbers: no whole number is rounded to a double. NaN is not in JSON.
inline auto compare(boost::json::value const& a, boost::json::value const& b)
    -> std::strong_ordering
{
    auto const reversed = [](std::strong_ordering o) { return 0 <=> o; };
    if (auto const* const x = a.if_int64()) {
        if (auto const* const y = b.if_int64()) {
            return *x <=> *y;
        }
        if (auto const* const y = b.if_uint64()) {
            return *x < 0 ? std::strong_ordering::less : static_cast<std::uint64_t>(*x) <=> *y;
        }
        return detail::compare_whole(*x, b.get_double());
    }
    if (auto const* const x = a.if_uint64()) {
        if (auto const* const y = b.if_uint64()) {
            return *x <=> *y;
        }
        return b.is_int64() ? reversed(compare(b, a)) : detail::compare_whole(*x, b.get_double());
    }
    if (b.is_double()) {
        auto const x = a.get_double();
        auto const y = b.get_double();
        return x < y   ? std::strong_ordering::less
               : x > y ? std::strong_ordering::greater
                       : std::strong_ordering::equal;
    }
    return reversed(compare(b, a));
}

/// The size of a number as its shortest decimal text tells it: digits * 10^exponent, the digits no
/// multiple of ten unless 0. 0.1 is a tenth, not the double nearest to it.
struct decimal {
    std::uint64_t digits = 0;
    int exponent = 0;

    static auto of(boost::json::value const& v) -> decimal
    {
        if (auto const* const i = v.if_int64()) {
            return shortened(
                *i < 0 ? 0 - static_cast<std::uint64_t>(*i) : static_cast<std::uint64_t>(*i), 0);
        }
        if (auto const* const u = v.if_uint64()) {
            return shortened(*u, 0);
        }
        char text[32];
        auto const end = std::to_chars(text, text + sizeof text, std::abs(v.get_double()),
                                       std::chars_format::scientific)
                             .ptr;
        std::uint64_t digits = 0; // at most 17
        int exponent = 0;
        for (char const* p = text; p != end; ++p) {
            if (*p == 'e') {
                int written = 0;
                std::from_chars(p + (p[1] == '+' ? 2 : 1), end, written);
                return shortened(digits, exponent + written);
            }
            if (*p != '.') {
                digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
                exponent -= p == text ? 0 : 1;
            }
        }
        return {}; // infinity
    }

private:
    static auto shortened(std::uint64_t digits, int exponent) -> decimal
    {
        while (digits != 0 && digits % 10 == 0) {
            digits /= 10;
            ++exponent;
        }
        return {digits, exponent};
    }
};

namespace detail {

__extension__ using uint128 = unsigned __int128;

inline auto times_power_of_ten(std::uint64_t a, int power, std::uint64_t modulus) -> std::uint64_t
{
    auto const times = [&](std::uint64_t x, std::uint64_t y) {
        return static_cast<std::uint64_t>(static_cast<uint128>(x) * y % modulus);
    };
    std::uint64_t result = a % modulus;
    std::uint64_t square = 10 % modulus;
    for (; power > 0; power /= 2) {
        result = power % 2 == 1 ? times(result, square) : result;
        square = times(square, square);
    }
    return result;
}

} // namespace detail

/// Whether a number is a whole multiple of one that is not 0, exactly, in decimal.
/// Cost: no loop longer than the exponent's bits.
inline auto is_multiple(decimal number, decimal of) -> bool
{
    if (number.digits == 0) {
        return true;
    }
    // Otherwise the digits would have to be a multiple of ten.
    return number.exponent >= of.exponent &&
           detail::times_power_of_ten(number.digits, number.exponent - of.exponent, of.digits) == 0;
}

inline auto is_multiple(boost::json::value const& number, boost::json::value const& of,
                        decimal of_decimal) -> bool
{
    if (auto const* const i = number.if_int64(); i != nullptr && of.is_int64()) {
        auto const divisor = of.get_int64();
        return divisor == -1 || *i % divisor == 0;
    }
    return is_multiple(decimal::of(number), of_decimal);
}

} // namespace haiga::schema
