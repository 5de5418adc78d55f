#pragma once

#include <boost/describe/bases.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace haiga::schema {

/// What a described struct says to whoever fills it in, in its static member `notes`: an array of
/// these. The note of no member is the struct's own.
struct note {
    std::string_view member;
    std::string_view text;
};

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public |
                                                            boost::describe::mod_inherited>;

template <class T>
concept described_struct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;
template <class T>
concept whole_number = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept plain = std::same_as<T, bool> || whole_number<T> || std::floating_point<T> ||
    std::same_as<T, std::string> || std::same_as<T, boost::json::value> || described_enum<T>;

/// The note of a member, or of the struct where that is empty; nothing where there is none.
template <class T>
constexpr auto note_of(std::string_view member) -> std::string_view
{
    if constexpr (requires { T::notes; }) {
        for (note const& one : T::notes) {
            if (one.member == member) {
                return one.text;
            }
        }
    }
    return {};
}

} // namespace detail

/// A type that has a schema: bool, numbers, std::string, described enums and structs, any JSON
/// value, and std::optional, std::vector, std::map by strings and std::variant of such.
template <class T>
concept schematic = detail::plain<T> || detail::described_struct<T> || detail::is_optional<T> ||
    detail::is_vector<T> || detail::is_map<T> || detail::is_variant<T>;

} // namespace haiga::schema
