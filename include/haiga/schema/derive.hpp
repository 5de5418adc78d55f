#pragma once

#include "haiga/schema/cpp_type.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace haiga::schema {

namespace detail {

/// Its address is the type's name.
template <class T>
inline char type_id = 0;

template <class T>
struct of_type {
};

/// Writes schemas; a struct that holds itself becomes a definition.
class schema_writer {
public:
    template <schematic T>
    auto root() -> boost::json::object
    {
        at_root_ = described_struct<T>;
        auto schema = of(of_type<T>{});
        if (!definitions_.empty()) {
            schema["$defs"] = std::move(definitions_);
        }
        return schema;
    }

private:
    using object = boost::json::object;

    struct open_struct {
        void const* type;
        std::string reference;
        bool used = false;
    };

    static auto of(of_type<bool>) -> object { return {{"type", "boolean"}}; }
    static auto of(of_type<std::string>) -> object { return {{"type", "string"}}; }
    static auto of(of_type<boost::json::value>) -> object { return {}; }

    template <std::floating_point T>
    static auto of(of_type<T>) -> object
    {
        return {{"type", "number"}};
    }

    template <whole_number T>
    static auto of(of_type<T>) -> object
    {
        using limits = std::numeric_limits<T>;
        return {{"type", "integer"}, {"minimum", limits::min()}, {"maximum", limits::max()}};
    }

    template <described_enum E>
    static auto of(of_type<E>) -> object
    {
        boost::json::array names;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
            [&](auto one) { names.emplace_back(one.name); });
        return {{"type", "string"}, {"enum", std::move(names)}};
    }

    template <class T>
    auto of(of_type<std::optional<T>>) -> object
    {
        return {{"anyOf", {of(of_type<T>{}), object{{"type", "null"}}}}};
    }

    template <class T>
    auto of(of_type<std::vector<T>>) -> object
    {
        return {{"type", "array"}, {"items", of(of_type<T>{})}};
    }

    template <class T>
    auto of(of_type<std::map<std::string, T>>) -> object
    {
        return {{"type", "object"}, {"additionalProperties", of(of_type<T>{})}};
    }

    template <class... T>
    auto of(of_type<std::variant<T...>>) -> object
    {
        boost::json::array forms;
        (forms.push_back(of(of_type<T>{})), ...);
        return {{"anyOf", std::move(forms)}};
    }

    template <described_struct T>
    auto of(of_type<T>) -> object
    {
        void const* const id = &type_id<T>;
        for (auto* list : {&open_, &closed_}) {
            auto const known = std::ranges::find(*list, id, &open_struct::type);
            if (known != list->end()) {
                known->used = true;
                return {{"$ref", known->reference}};
            }
        }
        auto const name = "d" + std::to_string(++structs_);
        open_.push_back({id, at_root_ ? "#" : "#/$defs/" + name});
        at_root_ = false;
        auto schema = members(of_type<T>{});
        auto done = std::move(open_.back());
        open_.pop_back();
        if (!done.used || done.reference == "#") {
            return schema;
        }
        object reference{{"$ref", done.reference}};
        definitions_[name] = std::move(schema);
        closed_.push_back(std::move(done));
        return reference;
    }

    template <class T>
    auto members(of_type<T>) -> object
    {
        object properties;
        boost::json::array required;
        boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
            using type = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
            auto schema = of(of_type<type>{});
            if (auto const text = note_of<T>(member.name); !text.empty()) {
                schema["description"] = text;
            }
            properties[member.name] = std::move(schema);
            if constexpr (!is_optional<type>) {
                required.emplace_back(member.name);
            }
        });
        object schema{{"type", "object"}};
        if (auto const text = note_of<T>({}); !text.empty()) {
            schema["description"] = text;
        }
        schema["properties"] = std::move(properties);
        schema["required"] = std::move(required);
        schema["additionalProperties"] = false;
        return schema;
    }

    std::vector<open_struct> open_, closed_;
    object definitions_;
    int structs_ = 0;
    bool at_root_ = false; ///< the next struct is the whole schema
};

} // namespace detail

/// The JSON Schema (draft 2020-12) that a T in JSON conforms to, and that nothing else does which
/// schema::read<T> refuses. What is optional may be missing or null; other members than described
/// are refused.
template <schematic T>
auto schema_of() -> boost::json::object
{
    return detail::schema_writer().root<T>();
}

} // namespace haiga::schema
