#pragma once

#include "haiga/schema/strict_references.hpp"
#include "haiga/schema/strict_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace haiga::schema {

/// Errors: not_found.
inline auto find_vendor(std::string_view name) -> result<vendor>
{
    if (name == "anthropic" || name == "openai") {
        return name == "anthropic" ? vendor::anthropic : vendor::openai;
    }
    return fail(errc::not_found, "no vendor \"", name, "\"; there are anthropic, openai");
}

namespace detail {

struct schema_size {
    std::size_t properties = 0;
    std::size_t enumerators = 0;
    int levels = 0;
};

/// Counts what OpenAI limits. Depth: that of the schema, which strict_writer has limited.
inline auto size_of(boost::json::value const& v) -> schema_size
{
    schema_size all;
    auto const add = [&](schema_size const& one, int levels) {
        all.properties += one.properties;
        all.enumerators += one.enumerators;
        all.levels = std::max(all.levels, one.levels + levels);
    };
    if (auto const* const object = v.if_object()) {
        for (auto const& member : *object) {
            if (member.key() == "enum" && member.value().is_array()) {
                all.enumerators += member.value().get_array().size();
            } else if (member.key() != "const") {
                auto const names = member.key() == "properties" && member.value().is_object();
                all.properties += names ? member.value().get_object().size() : 0;
                add(size_of(member.value()), names ? 1 : 0);
            }
        }
    } else if (auto const* const array = v.if_array()) {
        for (auto const& one : *array) {
            add(size_of(one), 0);
        }
    }
    return all;
}

inline auto check_openai(boost::json::object const& schema) -> result<>
{
    auto const* const type = schema.if_contains("type");
    if (type == nullptr || *type != "object" || schema.contains("anyOf")) {
        return fail(errc::unsupported, "the root must be an object, and no choice");
    }
    auto const size = size_of(schema);
    if (size.properties > 5000 || size.enumerators > 1000 || size.levels > 10) {
        return fail(errc::too_large, size.properties, " properties, ", size.enumerators,
                    " values of enumerations, ", size.levels,
                    " levels of objects; at most 5000, 1000 and 10 are taken");
    }
    return {};
}

} // namespace detail

/// The form of a schema that a vendor's constrained decoding takes: objects closed, what it has no
/// keyword for told in the description instead, and listed. What it accepts, the schema may still
/// refuse: a reply is to be checked against the schema that was given.
///
/// Errors: mismatch, for what is no schema and for references to nothing; unsupported, with a
/// pointer,
///         for what has no strict form: a root that is no object (OpenAI), a schema that refers to
///         itself (Anthropic), false; too_large above 128 levels and above OpenAI's limits.
inline auto strict_form(boost::json::value const& schema, vendor who) -> result<strict_schema>
{
    detail::strict_writer writer(who);
    HAIGA_TRY(auto written, writer.write(schema, {}));
    auto strict = written.as_object();
    HAIGA_TRY(auto const references, detail::references::of(written));
    if (who == vendor::openai) {
        HAIGA_TRY_VOID(detail::check_openai(strict));
    } else if (auto const circle = references.circle(); !circle.empty()) {
        return fail(errc::unsupported, circle, ": refers to itself, which anthropic does not take");
    }
    return strict_schema{std::move(strict), std::move(writer).lost()};
}

} // namespace haiga::schema
