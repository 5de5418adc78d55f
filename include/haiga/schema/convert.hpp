#pragma once

#include "haiga/base/result.hpp"
#include "haiga/json/write.hpp"
#include "haiga/schema/cpp_type.hpp"
#include "haiga/schema/place.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <limits>
#include <string>
#include <utility>

namespace haiga::schema {

namespace detail {

/// What a person calls the values of a type.
template <class T>
auto kind_of() -> std::string
{
    if constexpr (std::same_as<T, bool>) {
        return "true or false";
    } else if constexpr (whole_number<T>) {
        return concat("a whole number from ", +std::numeric_limits<T>::min(), " to ",
                      +std::numeric_limits<T>::max());
    } else if constexpr (std::floating_point<T>) {
        return "a number";
    } else if constexpr (std::same_as<T, std::string>) {
        return "a string";
    } else if constexpr (described_enum<T>) {
        std::string names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
            names.append(names.empty() ? "\"" : ", \"").append(one.name).append("\"");
        });
        return "one of " + names;
    } else if constexpr (is_vector<T>) {
        return "an array";
    } else if constexpr (std::same_as<T, boost::json::value>) {
        return "anything";
    } else if constexpr (is_optional<T>) {
        return kind_of<typename T::value_type>() + " or null";
    } else if constexpr (is_variant<T>) {
        return []<class... One>(std::variant<One...> const*) {
            std::string kinds;
            ((kinds += (kinds.empty() ? "" : " or ") + kind_of<One>()), ...);
            return kinds;
        }(static_cast<T const*>(nullptr));
    } else {
        return "an object";
    }
}

inline auto in_short(boost::json::value const& v) -> std::string
{
    if (v.is_object() || v.is_array()) {
        return v.is_object() ? "an object" : "an array";
    }
    auto text = json::pretty(v);
    text.pop_back(); // the line's end
    return one_line(text, 80);
}

/// Reads one value. Its work is limited: forms of forms of forms could otherwise be tried for ever.
class reader {
public:
    static constexpr int most_depth = 256;
    static constexpr int most_structs = 1'000'000;

    template <class T>
    auto read(T& into, boost::json::value const& v, place const& at) -> result<>
    {
        if constexpr (plain<T>) {
            return read_plain(into, v) ? result<>() : wrong<T>(v, at);
        } else if constexpr (is_optional<T>) {
            return v.is_null() ? result<>() : read(into.emplace(), v, at);
        } else if constexpr (is_variant<T>) {
            return read_form(into, v, at);
        } else {
            if (at.depth() > most_depth || ++structs_ > most_structs) {
                return fail(errc::too_large, "too deep, or too many forms to try");
            }
            if (is_vector<T> ? !v.is_array() : !v.is_object()) {
                return wrong<T>(v, at);
            }
            return read_parts(into, v, at);
        }
    }

private:
    template <class T>
    auto wrong(boost::json::value const& v, place const& at) -> tl::unexpected<failure>
    {
        failed_at_ = at.depth();
        auto const pointer = at.pointer();
        return fail(errc::mismatch, pointer, pointer.empty() ? "" : ": ", "expected ", kind_of<T>(),
                    ", found ", in_short(v));
    }

    template <class T>
    static auto read_plain(T& into, boost::json::value const& v) -> bool
    {
        if constexpr (std::same_as<T, bool>) {
            into = v.is_bool() && v.get_bool();
            return v.is_bool();
        } else if constexpr (std::same_as<T, std::string>) {
            into = v.is_string() ? std::string(v.get_string()) : std::string();
            return v.is_string();
        } else if constexpr (std::same_as<T, boost::json::value>) {
            into = v;
            return true;
        } else if constexpr (described_enum<T>) {
            bool known = false;
            boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
                if (v.is_string() && v.get_string() == one.name) {
                    into = one.value;
                    known = true;
                }
            });
            return known;
        } else {
            boost::json::error_code error;
            into = v.to_number<T>(error);
            return !error;
        }
    }

    template <class T>
    auto read_parts(std::vector<T>& into, boost::json::value const& v, place const& at) -> result<>
    {
        for (auto const& item : v.get_array()) {
            T one{};
            HAIGA_TRY_VOID(read(one, item, at.item(into.size())));
            into.push_back(std::move(one));
        }
        return {};
    }

    template <class T>
    auto read_parts(std::map<std::string, T>& into, boost::json::value const& v, place const& at)
        -> result<>
    {
        for (auto const& member : v.get_object()) {
            auto& one = into[std::string(member.key())];
            HAIGA_TRY_VOID(read(one, member.value(), at.member(member.key())));
        }
        return {};
    }

    template <described_struct T>
    auto read_parts(T& into, boost::json::value const& v, place const& at) -> result<>
    {
        auto const& object = v.get_object();
        result<> all;
        std::size_t known = 0;
        boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
            auto& part = into.*member.pointer;
            auto const* const value = object.if_contains(member.name);
            known += value != nullptr ? 1U : 0U;
            if (all && value != nullptr) {
                all = read(part, *value, at.member(member.name));
            } else if (all && !is_optional<std::remove_cvref_t<decltype(part)>>) {
                failed_at_ = at.depth() + 1;
                all = fail(errc::not_found, at.member(member.name).pointer(), " is missing");
            }
        });
        return all && known < object.size() ? unknown_member<T>(object, at) : all;
    }

    template <class T>
    auto unknown_member(boost::json::object const& object, place const& at) -> result<>
    {
        for (auto const& member : object) {
            bool known = false;
            boost::mp11::mp_for_each<members_of<T>>(
                [&](auto one) { known = known || member.key() == one.name; });
            if (!known) {
                failed_at_ = at.depth() + 1;
                return fail(errc::invalid, at.member(member.key()).pointer(),
                            ": no such member is expected");
            }
        }
        return {};
    }

    /// The first form that fits. Where none does, the failure is of the one that came furthest.
    template <class... Forms>
    auto read_form(std::variant<Forms...>& into, boost::json::value const& v, place const& at)
        -> result<>
    {
        auto furthest = at.depth();
        std::optional<failure> why;
        auto const fits = [&]<class One>(One one) {
            auto done = read(one, v, at);
            if (done) {
                into = std::move(one);
            } else if (failed_at_ > furthest || done.error().code == errc::too_large) {
                furthest = failed_at_;
                why = std::move(done).error();
            }
            return done.has_value();
        };
        if ((fits(Forms{}) || ...)) {
            return {};
        }
        if (!why) {
            return wrong<std::variant<Forms...>>(v, at);
        }
        failed_at_ = furthest;
        return tl::unexpected(*std::move(why));
    }

    int failed_at_ = 0; ///< how deep the last failure was
    int structs_ = 0;
};

} // namespace detail

/// A T from JSON that conforms to schema_of<T>().
/// Errors: mismatch, not_found, invalid: one line with the JSON pointer, what was expected, what
/// was
///         found; too_large above 256 levels, and for a million attempts at variants.
template <schematic T>
auto read(boost::json::value const& value) -> result<T>
{
    T thing{};
    HAIGA_TRY_VOID(detail::reader().read(thing, value, {}));
    return thing;
}

namespace detail {

struct writer {
    template <class T>
    static auto write(T const& x) -> boost::json::value
    {
        if constexpr (described_enum<T>) {
            boost::json::value name;
            boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) {
                if (x == one.value) {
                    name = one.name;
                }
            });
            return name;
        } else if constexpr (plain<T>) {
            return boost::json::value(x);
        } else if constexpr (is_optional<T>) {
            return x ? write(*x) : boost::json::value();
        } else if constexpr (is_variant<T>) {
            return std::visit([](auto const& one) { return write(one); }, x);
        } else if constexpr (is_vector<T>) {
            boost::json::array items;
            for (auto const& item : x) {
                items.push_back(write(item));
            }
            return items;
        } else if constexpr (is_map<T>) {
            boost::json::object members;
            for (auto const& [key, one] : x) {
                members[key] = write(one);
            }
            return members;
        } else {
            boost::json::object members;
            boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
                auto const& part = x.*member.pointer;
                if constexpr (is_optional<std::remove_cvref_t<decltype(part)>>) {
                    if (!part) {
                        return;
                    }
                }
                members[member.name] = write(part);
            });
            return members;
        }
    }
};

} // namespace detail

/// The JSON of a T; members that are optional and empty are left out.
/// Law: read<T>(write(x)) is x.
template <schematic T>
auto write(T const& thing) -> boost::json::value
{
    return detail::writer::write(thing);
}

} // namespace haiga::schema
