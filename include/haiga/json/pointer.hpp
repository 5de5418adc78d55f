#pragma once

#include <boost/json/value.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace haiga::json {

/// Appends "/token" with ~ and / escaped. Source: RFC 6901, section 3.
inline void append_token(std::string& pointer, std::string_view token)
{
    pointer += '/';
    for (char const c : token) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
}

/// Takes "/token" away from a pointer that begins with '/', and gives the token.
/// Errors: none where a ~ escapes nothing, or the pointer does not begin with '/'.
inline auto take_token(std::string_view& pointer) -> std::optional<std::string>
{
    if (!pointer.starts_with('/')) {
        return std::nullopt;
    }
    auto const text = pointer.substr(1, pointer.find('/', 1) - 1);
    pointer.remove_prefix(text.size() + 1);
    std::string token;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '~') {
            token += text[i];
        } else if (++i < text.size() && (text[i] == '0' || text[i] == '1')) {
            token += text[i] == '0' ? '~' : '/';
        } else {
            return std::nullopt;
        }
    }
    return token;
}

/// The index that a token is in an array: digits without a zero in front.
inline auto index_of_token(std::string_view token) -> std::optional<std::size_t>
{
    std::size_t index = 0;
    auto const [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (error != std::errc() || end != token.data() + token.size() ||
        (token.size() > 1 && token[0] == '0')) {
        return std::nullopt;
    }
    return index;
}

/// The member or element that a token names; nullptr where there is none.
inline auto child_at(boost::json::value const& value, std::string_view token)
    -> boost::json::value const*
{
    if (auto const* const object = value.if_object()) {
        return object->if_contains(token);
    }
    if (auto const* const array = value.if_array()) {
        auto const index = index_of_token(token);
        return index && *index < array->size() ? &(*array)[*index] : nullptr;
    }
    return nullptr;
}

} // namespace haiga::json
