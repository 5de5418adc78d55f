#pragma once

#include "haiga/base/result.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/schema/pattern/character_classes.hpp"
#include "haiga/schema/pattern/unicode_property.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace haiga::schema::regex {

/// Which patterns are taken.
enum class strictness : std::uint8_t {
    strict, ///< what ECMA-262 takes with the u flag
    usual,  ///< besides, where it can mean one thing only: \- and other escaped punctuation, a
            ///< brace or bracket that closes or counts nothing, [\w-.]
};

/// Reads a pattern from its beginning to its end.
class cursor {
public:
    explicit cursor(std::string_view pattern) : text_(pattern), rest_(pattern) {}

    [[nodiscard]] auto at_end() const -> bool { return rest_.empty(); }
    [[nodiscard]] auto offset() const -> std::size_t { return text_.size() - rest_.size(); }
    [[nodiscard]] auto starts_with(std::string_view token) const -> bool
    {
        return rest_.starts_with(token);
    }
    [[nodiscard]] auto peek() const -> char { return rest_.empty() ? '\0' : rest_[0]; }
    [[nodiscard]] auto rest() const -> std::string_view { return rest_; }

    auto take(std::string_view token) -> bool
    {
        auto const is_next = rest_.starts_with(token);
        rest_.remove_prefix(is_next ? token.size() : 0);
        return is_next;
    }
    void skip(std::size_t bytes) { rest_.remove_prefix(bytes); }
    auto take_character() -> char32_t { return take_utf8(rest_); }

    template <class... Parts>
    [[nodiscard]] auto fails(Parts const&... parts) const -> tl::unexpected<failure>
    {
        return tl::unexpected(failure{errc::invalid, concat("pattern: ", parts...), offset()});
    }

private:
    std::string_view text_;
    std::string_view rest_;
};

namespace detail {

constexpr auto hex_value(char c) -> int
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

constexpr auto is_letter(char c) -> bool
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr auto is_digit(char c) -> bool { return c >= '0' && c <= '9'; }

inline auto take_hex(cursor& in, std::size_t digits) -> std::optional<char32_t>
{
    char32_t value = 0;
    auto const text = in.rest().substr(0, digits);
    for (char const c : text) {
        if (hex_value(c) < 0) {
            return std::nullopt;
        }
        value = value * 16 + static_cast<char32_t>(hex_value(c));
    }
    if (text.size() < digits) {
        return std::nullopt;
    }
    in.skip(digits);
    return value;
}

constexpr auto is_lead_surrogate(char32_t c) -> bool { return c >= 0xd800 && c < 0xdc00; }
constexpr auto is_trail_surrogate(char32_t c) -> bool { return c >= 0xdc00 && c < 0xe000; }

} // namespace detail

/// What follows \u: four digits, two times four for a pair of surrogates, or {digits}.
inline auto take_unicode_escape(cursor& in) -> result<char32_t>
{
    if (in.take("{")) {
        char32_t value = 0;
        std::size_t digits = 0;
        for (; detail::hex_value(in.peek()) >= 0 && value <= last_code_point; ++digits) {
            value = value * 16 + static_cast<char32_t>(detail::hex_value(in.peek()));
            in.skip(1);
        }
        if (digits == 0 || value > last_code_point || !in.take("}")) {
            return in.fails("\\u{...} needs hexadecimal digits of at most 10ffff");
        }
        return value;
    }
    auto const lead = detail::take_hex(in, 4);
    if (!lead) {
        return in.fails("\\u needs four hexadecimal digits, or digits in braces");
    }
    if (detail::is_lead_surrogate(*lead) && in.starts_with("\\u")) {
        auto after = in;
        after.skip(2);
        auto const trail = detail::take_hex(after, 4);
        if (trail && detail::is_trail_surrogate(*trail)) {
            in = after;
            return 0x10000 + ((*lead - 0xd800) << 10U) + (*trail - 0xdc00);
        }
    }
    return *lead;
}

/// \p{...} or \P{...}, behind the p.
inline auto take_property(cursor& in, bool negated) -> result<code_points>
{
    auto const end = in.rest().find('}');
    if (!in.starts_with("{") || end == std::string_view::npos) {
        return in.fails("\\p needs the name of a property in braces");
    }
    auto const text = in.rest().substr(1, end - 1);
    auto const equals = text.find('=');
    auto const name = text.substr(0, equals);
    auto const value =
        equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
    auto found = equals != std::string_view::npos && value.empty() ? std::nullopt
                                                                   : unicode_property(name, value);
    if (!found) {
        return in.fails("no property of Unicode ", unicode::version, " here is called \"", text,
                        '"');
    }
    in.skip(end + 1);
    if (negated) {
        found->invert();
    }
    return *std::move(found);
}

/// A character or a set of them, whichever an escape stands for.
using escaped = std::variant<char32_t, code_points>;

namespace detail {

inline auto class_escape(char letter) -> std::optional<code_points>
{
    auto set = letter == 'd' || letter == 'D'   ? std::optional(digits())
               : letter == 'w' || letter == 'W' ? std::optional(word_characters())
               : letter == 's' || letter == 'S' ? std::optional(white_space())
                                                : std::nullopt;
    if (set && letter < 'a') {
        set->invert();
    }
    return set;
}

constexpr auto control_escape(char letter) -> std::optional<char32_t>
{
    switch (letter) {
    case 't': return U'\t';
    case 'n': return U'\n';
    case 'v': return U'\v';
    case 'f': return U'\f';
    case 'r': return U'\r';
    default: return std::nullopt;
    }
}

inline auto take_identity_escape(cursor& in, strictness how) -> result<escaped>
{
    auto const before = in;
    auto const c = in.take_character();
    constexpr std::string_view syntax = "^$\\.*+?()[]{}|/";
    bool const allowed =
        c < 0x80 && (syntax.find(static_cast<char>(c)) != std::string_view::npos ||
                     (how == strictness::usual && !is_letter(static_cast<char>(c)) &&
                      !is_digit(static_cast<char>(c))));
    if (!allowed) {
        return before.fails("\\", before.rest().substr(0, in.offset() - before.offset()),
                            " is no escape of ECMA-262 with the u flag");
    }
    return escaped(c);
}

} // namespace detail

/// What stands behind a backslash and means the same inside and outside of brackets.
inline auto take_escape(cursor& in, strictness how) -> result<escaped>
{
    auto const letter = in.peek();
    if (in.at_end()) {
        return in.fails("ends in a backslash");
    }
    if (auto set = detail::class_escape(letter)) {
        in.skip(1);
        return escaped(*std::move(set));
    }
    if (auto const control = detail::control_escape(letter)) {
        in.skip(1);
        return escaped(*control);
    }
    if (in.take("p") || in.take("P")) {
        HAIGA_TRY(auto set, take_property(in, letter == 'P'));
        return escaped(std::move(set));
    }
    if (in.take("u")) {
        HAIGA_TRY(auto const c, take_unicode_escape(in));
        return escaped(c);
    }
    if (in.take("x")) {
        auto const c = detail::take_hex(in, 2);
        return c ? result<escaped>(escaped(*c)) : in.fails("\\x needs two hexadecimal digits");
    }
    if (in.take("c")) {
        auto const control = in.peek();
        if (!detail::is_letter(control)) {
            return in.fails("\\c needs a letter");
        }
        in.skip(1);
        return escaped(static_cast<char32_t>(control % 32));
    }
    if (in.take("0")) {
        return detail::is_digit(in.peek()) ? in.fails("\\0 must not be followed by a digit")
                                           : result<escaped>(escaped(U'\0'));
    }
    return detail::take_identity_escape(in, how);
}

} // namespace haiga::schema::regex
