#pragma once

#include "haiga/base/result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::json {

namespace detail {

template <class T>
concept number = (std::integral<T> || std::floating_point<T>)&&!std::same_as<T, bool>;

template <class T>
struct is_vector : std::false_type {
};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {
};

} // namespace detail

/// What a JSON value can be read as.
template <class T>
concept readable = detail::number<T> || std::same_as<T, bool> || std::same_as<T, std::string> ||
    std::same_as<T, boost::json::object> || detail::is_vector<T>::value;

/// value as a T. A number must be exact in T: 2.0 is an int, 2.5 and 1e300 are not.
/// Errors: mismatch, saying what was expected.
template <readable T>
auto as(boost::json::value const& value) -> result<T>
{
    if constexpr (std::same_as<T, bool>) {
        return value.is_bool() ? result<T>(value.get_bool())
                               : fail(errc::mismatch, "expected true or false");
    } else if constexpr (detail::number<T>) {
        boost::json::error_code error;
        auto const number = value.to_number<T>(error);
        return !error ? result<T>(number)
                      : fail(errc::mismatch, "expected ",
                             std::integral<T> ? "a whole number in range" : "a number");
    } else if constexpr (std::same_as<T, std::string>) {
        return value.is_string() ? result<T>(std::string(value.get_string()))
                                 : fail(errc::mismatch, "expected a string");
    } else if constexpr (std::same_as<T, boost::json::object>) {
        return value.is_object() ? result<T>(value.get_object())
                                 : fail(errc::mismatch, "expected an object");
    } else {
        if (!value.is_array()) {
            return fail(errc::mismatch, "expected an array");
        }
        T items;
        for (auto const& item : value.get_array()) {
            auto read = as<typename T::value_type>(item);
            if (!read) {
                return tl::unexpected(
                    std::move(read).error().within(concat("item ", items.size())));
            }
            items.push_back(*std::move(read));
        }
        return items;
    }
}

/// The member `key` as a T. Errors: not_found; mismatch; both name the key.
template <readable T>
auto get(boost::json::object const& object, std::string_view key) -> result<T>
{
    auto const* const value = object.if_contains(key);
    if (value == nullptr) {
        return fail(errc::not_found, '"', key, "\" is missing");
    }
    return as<T>(*value).map_error(
        [&](failure&& f) { return std::move(f).within(concat('"', key, '"')); });
}

/// The same, `otherwise` where the member is missing or null. Errors: mismatch, naming the key.
template <readable T>
auto get(boost::json::object const& object, std::string_view key, T otherwise) -> result<T>
{
    auto const* const value = object.if_contains(key);
    if (value == nullptr || value->is_null()) {
        return otherwise;
    }
    return get<T>(object, key);
}

} // namespace haiga::json
