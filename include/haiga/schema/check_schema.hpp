#pragma once

#include "haiga/schema/validator.hpp"

namespace haiga::schema {

/// Judges a schema by the metaschema of its draft, as far as `$schema` names one of the drafts, or
/// by that of `otherwise`. compile() checks what it compiles; this looks at all of it, at
/// definitions too that nothing refers to.
/// Errors: invalid, with the first thing that is wrong and its pointer.
inline auto check_schema(boost::json::value const& document,
                         dialect otherwise = dialect::draft2020_12) -> result<>
{
    auto draft = otherwise;
    if (auto const* const object = document.if_object()) {
        auto const* const named = object->if_contains("$schema");
        if (named != nullptr && named->is_string()) {
            std::string_view const uri = named->get_string();
            draft = dialect_of(uri.substr(0, uri.find('#'))).value_or(otherwise);
        }
    }
    boost::json::value const whole = boost::json::object{{"$ref", uri_of(draft)}};
    HAIGA_TRY(auto const program, compile(whole));
    HAIGA_TRY(auto const found, validator(program).violations(document, 1));
    if (!found.empty()) {
        return fail(errc::invalid, "schema at #", found[0].instance, ": ", found[0].message());
    }
    return {};
}

} // namespace haiga::schema
