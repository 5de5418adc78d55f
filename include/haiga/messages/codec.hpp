#pragma once

#include "haiga/json/get.hpp"

#include <boost/describe/bases.hpp>
#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace haiga::messages {

/// How a T stands in JSON: read(value) -> result<T>, write(T) -> value.
///
/// Law: write(read(v)) equals v as a JSON value, for every v that can be read. What a type does not
///      know, and what is null where a member may be missing, is kept in its member `extra`.
template <class T>
struct codec;

template <class T>
auto read(boost::json::value const& value) -> result<T>
{
    return codec<T>::read(value);
}

template <class T>
auto write(T const& thing) -> boost::json::value
{
    return codec<T>::write(thing);
}

/// A block, source or tool of a kind that is not known here, as it came.
struct unknown_object {
    boost::json::object members;
};

namespace detail {

using inherited_members =
    std::integral_constant<unsigned, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
using members_of = boost::describe::describe_members<T, inherited_members::value>;

template <class T>
concept described = boost::describe::has_describe_members<T>::value && requires(T& x)
{
    {
        x.extra
        } -> std::same_as<boost::json::object&>;
};

/// A struct that one value of the member "type" stands for.
template <class T>
concept tagged = requires
{
    typename std::bool_constant<!std::string_view(T::type).empty()>;
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
auto named(result<T>&& read, std::string_view key) -> result<T>
{
    if (!read) {
        return tl::unexpected(std::move(read).error().within(concat('"', key, '"')));
    }
    return std::move(read);
}

template <class Member>
auto read_member(Member& into, boost::json::object const& from, std::string_view key) -> result<>
{
    auto const* const value = from.if_contains(key);
    if constexpr (is_optional<Member>) {
        if (value == nullptr || value->is_null()) {
            return {};
        }
        HAIGA_TRY(auto read, named(messages::read<typename Member::value_type>(*value), key));
        into.emplace(std::move(read));
    } else {
        if (value == nullptr) {
            return fail(errc::not_found, '"', key, "\" is missing");
        }
        HAIGA_TRY(into, named(messages::read<Member>(*value), key));
    }
    return {};
}

/// Whether a described member of x now holds what stood under `key`.
template <class T>
auto holds(T const& x, std::string_view key) -> bool
{
    bool held = tagged<T> && key == "type";
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
        if constexpr (is_optional<std::remove_cvref_t<decltype(x.*member.pointer)>>) {
            held = held || (key == member.name && (x.*member.pointer).has_value());
        } else {
            held = held || key == member.name;
        }
    });
    return held;
}

inline auto type_of(boost::json::object const& object) -> result<std::string_view>
{
    auto const* const type = object.if_contains("type");
    if (type == nullptr || !type->is_string()) {
        return fail(errc::mismatch, "expected an object with a string \"type\"");
    }
    return std::string_view(type->get_string());
}

} // namespace detail

template <json::readable T>
requires(!detail::described<T> && !json::detail::is_vector<T>::value) struct codec<T> {
    static auto read(boost::json::value const& value) { return json::as<T>(value); }
    static auto write(T const& thing) -> boost::json::value { return boost::json::value(thing); }
};

template <>
struct codec<boost::json::value> {
    static auto read(boost::json::value const& v) -> result<boost::json::value>
    {
        return result<boost::json::value>(tl::in_place, v);
    }
    static auto write(boost::json::value const& v) -> boost::json::value { return v; }
};

template <>
struct codec<unknown_object> {
    static auto read(boost::json::value const& v) -> result<unknown_object>
    {
        HAIGA_TRY(auto members, json::as<boost::json::object>(v));
        return unknown_object{std::move(members)};
    }
    static auto write(unknown_object const& x) -> boost::json::value { return x.members; }
};

template <class T>
struct codec<std::vector<T>> {
    static auto read(boost::json::value const& value) -> result<std::vector<T>>
    {
        auto const* const array = value.if_array();
        if (array == nullptr) {
            return fail(errc::mismatch, "expected an array");
        }
        std::vector<T> items;
        items.reserve(array->size());
        for (auto const& item : *array) {
            auto read = messages::read<T>(item);
            if (!read) {
                return tl::unexpected(
                    std::move(read).error().within(concat("item ", items.size())));
            }
            items.push_back(*std::move(read));
        }
        return items;
    }
    static auto write(std::vector<T> const& items) -> boost::json::value
    {
        boost::json::array array;
        array.reserve(items.size());
        for (auto const& item : items) {
            array.push_back(messages::write(item));
        }
        return array;
    }
};

/// A struct with BOOST_DESCRIBE_STRUCT, whose members have the names of the API.
template <detail::described T>
struct codec<T> {
    static auto read(boost::json::value const& value) -> result<T>
    {
        auto const* const object = value.if_object();
        if (object == nullptr) {
            return fail(errc::mismatch, "expected an object");
        }
        if constexpr (detail::tagged<T>) {
            HAIGA_TRY(auto const type, detail::type_of(*object));
            if (type != T::type) {
                return fail(errc::mismatch, "\"type\": expected \"", T::type, '"');
            }
        }
        T thing{};
        result<> all;
        boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
            if (all) {
                all = detail::read_member(thing.*member.pointer, *object, member.name);
            }
        });
        HAIGA_TRY_VOID(std::move(all));
        for (auto const& member : *object) {
            if (!detail::holds(thing, member.key())) {
                thing.extra.insert(member);
            }
        }
        return thing;
    }

    static auto write(T const& thing) -> boost::json::value
    {
        boost::json::object object;
        if constexpr (detail::tagged<T>) {
            object.emplace("type", T::type);
        }
        boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
            auto const& from = thing.*member.pointer;
            if constexpr (!detail::is_optional<std::remove_cvref_t<decltype(from)>>) {
                object.emplace(member.name, messages::write(from));
            } else if (from) {
                object.emplace(member.name, messages::write(*from));
            }
        });
        for (auto const& member : thing.extra) {
            object.insert(member); // what a described member has by now is not overwritten
        }
        return object;
    }
};

/// The alternative whose `type` the object states; the last one, unknown_object, takes all others.
template <class... Known>
struct codec<std::variant<Known...>> {
    using variant = std::variant<Known...>;

    static auto read(boost::json::value const& value) -> result<variant>
    {
        auto const* const object = value.if_object();
        if (object == nullptr) {
            return fail(errc::mismatch, "expected an object");
        }
        HAIGA_TRY(auto const type, detail::type_of(*object));
        std::optional<result<variant>> found;
        (try_one<Known>(found, type, value), ...);
        return found ? *std::move(found) : widened<variant>(messages::read<unknown_object>(value));
    }
    static auto write(variant const& thing) -> boost::json::value
    {
        return std::visit([](auto const& known) { return messages::write(known); }, thing);
    }

private:
    template <class One>
    static void try_one(std::optional<result<variant>>& found, std::string_view type,
                        boost::json::value const& value)
    {
        if constexpr (detail::tagged<One>) {
            if (!found && type == One::type) {
                found.emplace(widened<variant>(messages::read<One>(value)));
            }
        }
    }
};

} // namespace haiga::messages
