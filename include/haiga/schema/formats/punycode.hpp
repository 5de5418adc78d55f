#pragma once

#include "haiga/schema/formats/ascii.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace haiga::schema::formats {

/// The characters of one label of a host name: 63, and one that is too many.
struct label_characters {
    static constexpr std::size_t most = 64;
    std::array<char32_t, most> characters{};
    std::size_t size = 0;

    [[nodiscard]] constexpr auto view() const -> std::span<char32_t const>
    {
        return std::span(characters).first(size);
    }
    /// Whether there was room.
    constexpr auto insert(std::size_t at, char32_t c) -> bool
    {
        if (size == most) {
            return false;
        }
        for (auto i = size; i > at; --i) {
            characters[i] = characters[i - 1];
        }
        characters[at] = c;
        ++size;
        return true;
    }
    constexpr auto push(char32_t c) -> bool { return insert(size, c); }
};

namespace punycode {

inline constexpr std::uint32_t base = 36;

/// Source: RFC 3492, 6.1.
constexpr auto adapt(std::uint32_t delta, std::uint32_t points, bool first) -> std::uint32_t
{
    delta = first ? delta / 700 : delta / 2;
    delta += delta / points;
    std::uint32_t k = 0;
    for (; delta > 455; k += base) {
        delta /= 35;
    }
    return k + 36 * delta / (delta + 38);
}

constexpr auto threshold(std::uint32_t k, std::uint32_t bias) -> std::uint32_t
{
    return k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
}

constexpr auto digit_value(char c) -> std::uint32_t
{
    return is_digit(c)    ? static_cast<std::uint32_t>(c - '0') + 26
           : is_letter(c) ? static_cast<std::uint32_t>(to_lower(c) - 'a')
                          : base;
}

/// Takes a number of variable length away; false where there is none.
constexpr auto take_delta(std::string_view& text, std::uint32_t bias, std::uint32_t& delta) -> bool
{
    std::uint64_t sum = delta;
    std::uint64_t weight = 1;
    for (auto k = base;; k += base) {
        auto const digit = text.empty() ? base : digit_value(text[0]);
        if (digit >= base) {
            return false;
        }
        text.remove_prefix(1);
        sum += digit * weight;
        auto const t = threshold(k, bias);
        if (sum > 0x7fffffff) {
            return false;
        }
        if (digit < t) {
            delta = static_cast<std::uint32_t>(sum);
            return true;
        }
        weight *= base - t;
        if (weight > 0x7fffffff) {
            return false;
        }
    }
}

/// What stands behind xn--. False where it is no such text, or too long for a label.
/// Source: RFC 3492, 6.2.
constexpr auto decode(std::string_view text, label_characters& out) -> bool
{
    out.size = 0;
    if (auto const hyphen = text.rfind('-'); hyphen != std::string_view::npos) {
        for (char const c : text.substr(0, hyphen)) {
            if (!is_ascii(c) || !out.push(static_cast<char32_t>(to_lower(c)))) {
                return false;
            }
        }
        text.remove_prefix(hyphen + 1);
    }
    std::uint32_t n = 128;
    std::uint32_t i = 0;
    std::uint32_t bias = 72;
    for (bool first = true; !text.empty(); first = false) {
        auto const before = i;
        if (!take_delta(text, bias, i)) {
            return false;
        }
        auto const points = static_cast<std::uint32_t>(out.size + 1);
        bias = adapt(i - before, points, first);
        n += i / points;
        i %= points;
        if (n > 0x10ffff || (n >= 0xd800 && n < 0xe000) || !out.insert(i, n)) {
            return false;
        }
        ++i;
    }
    return true;
}

/// Characters of a label as they stand behind xn--, one after the other in out, as far as they fit.
struct encoded {
    std::array<char, 64> text{};
    std::size_t size = 0;

    constexpr auto push(char c) -> bool
    {
        if (size == text.size()) {
            return false;
        }
        text[size++] = c;
        return true;
    }
    [[nodiscard]] constexpr auto view() const -> std::string_view { return {text.data(), size}; }
};

constexpr auto push_delta(encoded& out, std::uint32_t delta, std::uint32_t bias) -> bool
{
    auto const digit = [](std::uint32_t d) {
        return static_cast<char>(d < 26 ? 'a' + d : '0' + (d - 26));
    };
    for (auto k = base;; k += base) {
        auto const t = threshold(k, bias);
        if (delta < t) {
            return out.push(digit(delta));
        }
        if (!out.push(digit(t + (delta - t) % (base - t)))) {
            return false;
        }
        delta = (delta - t) / (base - t);
    }
}

/// False where it is longer than a label may be. Source: RFC 3492, 6.3.
constexpr auto encode(std::span<char32_t const> label, encoded& out) -> bool
{
    out.size = 0;
    for (auto const c : label) {
        if (c < 128 && !out.push(static_cast<char>(c))) {
            return false;
        }
    }
    auto const basic = static_cast<std::uint32_t>(out.size);
    if (basic > 0 && !out.push('-')) {
        return false;
    }
    std::uint32_t n = 128;
    std::uint32_t delta = 0; // at most 64 * 0x110000
    std::uint32_t bias = 72;
    for (auto handled = basic; handled < label.size();) {
        char32_t next = 0x110000;
        for (auto const c : label) {
            next = c >= n && c < next ? c : next;
        }
        delta += (static_cast<std::uint32_t>(next) - n) * (handled + 1);
        n = static_cast<std::uint32_t>(next);
        for (auto const c : label) {
            delta += c < n ? 1U : 0U;
            if (c == n) {
                if (!push_delta(out, delta, bias)) {
                    return false;
                }
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                ++handled;
            }
        }
        ++delta;
        ++n;
    }
    return true;
}

} // namespace punycode

} // namespace haiga::schema::formats
