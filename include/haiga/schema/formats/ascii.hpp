#pragma once

#include <cstddef>
#include <string_view>

namespace haiga::schema::formats {

constexpr auto is_digit(char c) -> bool { return c >= '0' && c <= '9'; }
constexpr auto is_letter(char c) -> bool
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr auto is_letter_or_digit(char c) -> bool { return is_letter(c) || is_digit(c); }
constexpr auto is_hex(char c) -> bool
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr auto is_ascii(char c) -> bool { return static_cast<unsigned char>(c) < 0x80; }
constexpr auto to_lower(char c) -> char
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr auto is_one_of(char c, std::string_view set) -> bool
{
    return set.find(c) != std::string_view::npos;
}

/// How many characters a text begins with of which test(c) holds.
template <class Test>
constexpr auto count_while(std::string_view text, Test const& test) -> std::size_t
{
    std::size_t n = 0;
    while (n < text.size() && test(text[n])) {
        ++n;
    }
    return n;
}

/// Takes one token away from the beginning of text, if it is there.
constexpr auto take(std::string_view& text, char token) -> bool
{
    bool const is_next = !text.empty() && text[0] == token;
    text.remove_prefix(is_next ? 1 : 0);
    return is_next;
}

/// Takes exactly that many digits away: their value, or -1.
constexpr auto take_digits(std::string_view& text, std::size_t count) -> int
{
    if (text.size() < count || count_while(text.substr(0, count), is_digit) != count) {
        return -1;
    }
    int value = 0;
    for (char const c : text.substr(0, count)) {
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(count);
    return value;
}

/// Takes %41 away. Source: RFC 3986, 2.1.
constexpr auto take_percent(std::string_view& text) -> bool
{
    if (text.size() < 3 || text[0] != '%' || !is_hex(text[1]) || !is_hex(text[2])) {
        return false;
    }
    text.remove_prefix(3);
    return true;
}

} // namespace haiga::schema::formats
