#pragma once

#include "haiga/schema/dialect.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace haiga::schema {

enum class keyword : std::uint8_t {
    unknown,
    schema,
    id,
    ref,
    anchor,
    dynamic_ref,
    dynamic_anchor,
    recursive_ref,
    recursive_anchor,
    vocabulary,
    comment,
    defs,
    definitions,
    all_of,
    any_of,
    one_of,
    not_,
    if_,
    then_,
    else_,
    dependent_schemas,
    dependencies,
    properties,
    pattern_properties,
    additional_properties,
    property_names,
    unevaluated_properties,
    prefix_items,
    items,
    additional_items,
    contains,
    unevaluated_items,
    type,
    enumeration,
    constant,
    multiple_of,
    maximum,
    exclusive_maximum,
    minimum,
    exclusive_minimum,
    max_length,
    min_length,
    pattern,
    max_items,
    min_items,
    unique_items,
    max_contains,
    min_contains,
    max_properties,
    min_properties,
    required,
    dependent_required,
    format,
    content_encoding,
    content_media_type,
    content_schema,
    title,
    description,
    default_,
    deprecated,
    read_only,
    write_only,
    examples,
};

inline constexpr std::size_t keyword_count = static_cast<std::size_t>(keyword::examples) + 1;

/// Where the value of a keyword holds schemas.
enum class shape : std::uint8_t {
    plain,     ///< nowhere
    schema,    ///< it is one
    list,      ///< it is an array of them
    map,       ///< it is an object of them
    either,    ///< `items`: one or an array
    dependent, ///< `dependencies`: an object of schemas and of arrays of names
};

struct keyword_entry {
    std::string_view name;
    keyword word;
    schema::vocabulary from;
    schema::shape shape;
    std::array<bool, 3> drafts; ///< by dialect
};

namespace detail {

inline constexpr std::array<bool, 3> all_drafts = {true, true, true};
inline constexpr std::array<bool, 3> since_2019 = {false, true, true};
inline constexpr std::array<bool, 3> only_2019 = {false, true, false};
inline constexpr std::array<bool, 3> until_2019 = {true, true, false};
inline constexpr std::array<bool, 3> only_2020 = {false, false, true};

/// `definitions` and `dependencies` are deprecated since 2019-09, and still mean something.
inline constexpr auto keyword_entries = [] {
    using enum shape;
    using k = keyword;
    using v = vocabulary;
    std::array<keyword_entry, keyword_count - 1> entries = {{
        {"$schema", k::schema, v::core, plain, all_drafts},
        {"$id", k::id, v::core, plain, all_drafts},
        {"$ref", k::ref, v::core, plain, all_drafts},
        {"$anchor", k::anchor, v::core, plain, since_2019},
        {"$dynamicRef", k::dynamic_ref, v::core, plain, only_2020},
        {"$dynamicAnchor", k::dynamic_anchor, v::core, plain, only_2020},
        {"$recursiveRef", k::recursive_ref, v::core, plain, only_2019},
        {"$recursiveAnchor", k::recursive_anchor, v::core, plain, only_2019},
        {"$vocabulary", k::vocabulary, v::core, plain, since_2019},
        {"$comment", k::comment, v::core, plain, all_drafts},
        {"$defs", k::defs, v::core, map, since_2019},
        {"definitions", k::definitions, v::core, map, all_drafts},
        {"allOf", k::all_of, v::applicator, list, all_drafts},
        {"anyOf", k::any_of, v::applicator, list, all_drafts},
        {"oneOf", k::one_of, v::applicator, list, all_drafts},
        {"not", k::not_, v::applicator, schema, all_drafts},
        {"if", k::if_, v::applicator, schema, all_drafts},
        {"then", k::then_, v::applicator, schema, all_drafts},
        {"else", k::else_, v::applicator, schema, all_drafts},
        {"dependentSchemas", k::dependent_schemas, v::applicator, map, since_2019},
        {"dependencies", k::dependencies, v::applicator, dependent, all_drafts},
        {"properties", k::properties, v::applicator, map, all_drafts},
        {"patternProperties", k::pattern_properties, v::applicator, map, all_drafts},
        {"additionalProperties", k::additional_properties, v::applicator, schema, all_drafts},
        {"propertyNames", k::property_names, v::applicator, schema, all_drafts},
        {"unevaluatedProperties", k::unevaluated_properties, v::unevaluated, schema, since_2019},
        {"prefixItems", k::prefix_items, v::applicator, list, only_2020},
        {"items", k::items, v::applicator, either, all_drafts},
        {"additionalItems", k::additional_items, v::applicator, schema, until_2019},
        {"contains", k::contains, v::applicator, schema, all_drafts},
        {"unevaluatedItems", k::unevaluated_items, v::unevaluated, schema, since_2019},
        {"type", k::type, v::validation, plain, all_drafts},
        {"enum", k::enumeration, v::validation, plain, all_drafts},
        {"const", k::constant, v::validation, plain, all_drafts},
        {"multipleOf", k::multiple_of, v::validation, plain, all_drafts},
        {"maximum", k::maximum, v::validation, plain, all_drafts},
        {"exclusiveMaximum", k::exclusive_maximum, v::validation, plain, all_drafts},
        {"minimum", k::minimum, v::validation, plain, all_drafts},
        {"exclusiveMinimum", k::exclusive_minimum, v::validation, plain, all_drafts},
        {"maxLength", k::max_length, v::validation, plain, all_drafts},
        {"minLength", k::min_length, v::validation, plain, all_drafts},
        {"pattern", k::pattern, v::validation, plain, all_drafts},
        {"maxItems", k::max_items, v::validation, plain, all_drafts},
        {"minItems", k::min_items, v::validation, plain, all_drafts},
        {"uniqueItems", k::unique_items, v::validation, plain, all_drafts},
        {"maxContains", k::max_contains, v::validation, plain, since_2019},
        {"minContains", k::min_contains, v::validation, plain, since_2019},
        {"maxProperties", k::max_properties, v::validation, plain, all_drafts},
        {"minProperties", k::min_properties, v::validation, plain, all_drafts},
        {"required", k::required, v::validation, plain, all_drafts},
        {"dependentRequired", k::dependent_required, v::validation, plain, since_2019},
        {"format", k::format, v::format_annotation, plain, all_drafts},
        {"contentEncoding", k::content_encoding, v::content, plain, all_drafts},
        {"contentMediaType", k::content_media_type, v::content, plain, all_drafts},
        {"contentSchema", k::content_schema, v::content, schema, since_2019},
        {"title", k::title, v::metadata, plain, all_drafts},
        {"description", k::description, v::metadata, plain, all_drafts},
        {"default", k::default_, v::metadata, plain, all_drafts},
        {"deprecated", k::deprecated, v::metadata, plain, since_2019},
        {"readOnly", k::read_only, v::metadata, plain, all_drafts},
        {"writeOnly", k::write_only, v::metadata, plain, all_drafts},
        {"examples", k::examples, v::metadata, plain, all_drafts},
    }};
    return entries;
}();

/// A table without collisions would need luck: two names may share a bucket, and are tried in turn.
constexpr auto keyword_hash(std::string_view name) -> std::size_t
{
    auto const at = [&](std::size_t i) { return static_cast<unsigned char>(name[i]); };
    return (name.size() * 5 + at(0) * 3U + at(name.size() / 2) * 7U + at(name.size() - 1)) % 256;
}

inline constexpr auto keyword_buckets = [] {
    std::array<std::uint8_t, 512> first{};
    for (std::size_t i = 0; i < keyword_entries.size(); ++i) {
        auto at = keyword_hash(keyword_entries[i].name);
        while (first[at] != 0) {
            ++at;
        }
        first[at] = static_cast<std::uint8_t>(i + 1);
    }
    return first;
}();

} // namespace detail

/// What a name means in a draft; nullptr where it is no keyword of it.
constexpr auto find_keyword(std::string_view name, dialect draft) -> keyword_entry const*
{
    if (name.empty()) {
        return nullptr;
    }
    for (auto at = detail::keyword_hash(name); detail::keyword_buckets[at] != 0; ++at) {
        auto const& entry = detail::keyword_entries[detail::keyword_buckets[at] - 1U];
        if (entry.name == name) {
            return entry.drafts[static_cast<std::size_t>(draft)] ? &entry : nullptr;
        }
    }
    return nullptr;
}

constexpr auto name_of(keyword word) -> std::string_view
{
    return word == keyword::unknown
               ? std::string_view()
               : detail::keyword_entries[static_cast<std::size_t>(word) - 1].name;
}

static_assert(name_of(keyword::examples) == "examples");
static_assert(find_keyword("$ref", dialect::draft7)->word == keyword::ref);
static_assert(std::ranges::all_of(detail::keyword_entries, [](auto const& entry) {
    return name_of(entry.word) == entry.name;
}));

} // namespace haiga::schema
