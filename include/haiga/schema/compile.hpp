#pragma once

#include "haiga/schema/check_circles.hpp"
#include "haiga/schema/compile_applicators.hpp"
#include "haiga/schema/link.hpp"

#include <concepts>

namespace haiga::schema {

/// Finds the document of a URI, which has no fragment: in a folder, in a table, over the network if
/// the caller wants so. The library itself opens nothing; the metaschemas of the drafts are built
/// in and never asked for.
///
/// Errors: not_found, or whatever kept it from being read.
template <class R>
concept resolver = requires(R& r, std::string_view uri)
{
    {
        r(uri)
        } -> std::same_as<result<boost::json::value>>;
};

/// Knows no document.
struct no_resolver {
    auto operator()(std::string_view) const -> result<boost::json::value>
    {
        return fail(errc::not_found, "is not in the schema, and no resolver knows more");
    }
};
static_assert(resolver<no_resolver>);

namespace detail {

/// Keywords that the resource's dialect and vocabularies know; others are annotations.
inline void note_keywords(compilation& c, boost::json::object const& schema)
{
    auto const& rules = c.rules();
    bool const only_ref = rules.dialect == dialect::draft7 && schema.contains("$ref");
    for (auto const& member : schema) {
        auto const* const entry = find_keyword(member.key(), rules.dialect);
        bool const known =
            entry != nullptr && (rules.known.contains(entry->from) ||
                                 (entry->word == keyword::format &&
                                  rules.known.contains(vocabulary::format_assertion)));
        if (only_ref && !(known && entry->word == keyword::ref)) {
            continue;
        }
        if (!known) {
            annotate(c, keyword::unknown, member.value(), member.key());
        } else if (entry->from == vocabulary::metadata || entry->from == vocabulary::content) {
            annotate(c, entry->word, member.value(), member.key());
            c.note(entry->word, member.value());
        } else {
            c.note(entry->word, member.value());
        }
    }
}

inline auto compile_block(compilation& c, boost::json::value const& schema) -> result<>
{
    if (auto const* const flag = schema.if_bool()) {
        if (!*flag) {
            c.emit(opcode::never, keyword::unknown);
        }
        return {};
    }
    auto const* const object = schema.if_object();
    if (object == nullptr) {
        return fail(errc::invalid, c.where(), ": a schema must be an object, true or false");
    }
    note_keywords(c, *object);
    HAIGA_TRY_VOID(compile_type(c));
    HAIGA_TRY_VOID(compile_values(c));
    HAIGA_TRY_VOID(compile_numbers(c));
    HAIGA_TRY_VOID(compile_strings(c));
    HAIGA_TRY_VOID(compile_arrays(c));
    HAIGA_TRY_VOID(compile_property_names(c));
    HAIGA_TRY_VOID(compile_objects(c));
    HAIGA_TRY_VOID(compile_dependents(c));
    HAIGA_TRY_VOID(compile_items(c));
    for (auto const word : {keyword::ref, keyword::dynamic_ref, keyword::recursive_ref}) {
        HAIGA_TRY_VOID(compile_reference(c, word));
    }
    HAIGA_TRY_VOID(compile_branches(c));
    return compile_unevaluated(c);
}

/// Schemas with the anchors that dynamic references may lead to. True if there were new ones.
inline auto add_dynamic_targets(compilation& c) -> bool
{
    auto const before = c.out.blocks.size();
    c.out.dynamic_anchors.clear();
    for (std::uint32_t i = 0; i < c.anchors.size(); ++i) {
        for (auto const& found : c.schemas.dynamic_anchors(c.anchors[i])) {
            auto const block = c.block_of(*found.schema, found.resource,
                                          {none, c.out.names.add(c.schemas.pointer_to(found))});
            c.out.dynamic_anchors.push_back({i, found.resource, block});
        }
    }
    return c.out.blocks.size() > before;
}

inline auto compile_all(compilation& c, boost::json::value const& schema) -> result<>
{
    HAIGA_TRY(auto const root, c.schemas.add(schema, c.options.uri));
    c.block_of(schema, root, {none, c.out.names.add("")});
    do {
        while (auto const* const next = c.next()) {
            HAIGA_TRY_VOID(compile_block(c, *next));
            c.finish_block();
        }
    } while (add_dynamic_targets(c));
    for (auto const& resource : c.schemas.resources()) {
        c.out.resources.push_back(resource.uri);
    }
    HAIGA_TRY_VOID(check_circles(c.out));
    link(c.out);
    return {};
}

} // namespace detail

/// The program of a schema, which stands by itself: neither the schema nor fetched documents are
/// needed any more, and any number of threads may evaluate it.
///
/// Errors: invalid for what is no schema, and for schemas that apply themselves to the same value
///         in a circle; not_found for a reference that leads nowhere; unsupported for a $schema or
///         a required vocabulary that is not known. All name the place in the schema.
/// Cost:   linear in the schema and in what it refers to; no recursion.
template <resolver Resolver = no_resolver>
auto compile(boost::json::value const& schema, compile_options const& options = {},
             Resolver fetch = {}) -> result<program>
{
    detail::registry schemas([&](std::string_view uri) { return fetch(uri); }, options.draft);
    detail::compilation c(schemas, options);
    HAIGA_TRY_VOID(detail::compile_all(c, schema));
    return std::move(c.out);
}

} // namespace haiga::schema
