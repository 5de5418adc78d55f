#pragma once

#include "haiga/schema/dialect.hpp"
#include "haiga/schema/formats/address.hpp"
#include "haiga/schema/formats/date_time.hpp"
#include "haiga/schema/formats/host_name.hpp"
#include "haiga/schema/formats/json_pointer.hpp"
#include "haiga/schema/formats/mail.hpp"
#include "haiga/schema/formats/uri.hpp"
#include "haiga/schema/formats/uri_template.hpp"
#include "haiga/schema/pattern/parse.hpp"

#include <string_view>

namespace haiga::schema {

/// Whether a text, valid UTF-8, is of a format. Cost: linear; only `regex` allocates.
using format_check = auto(*)(std::string_view text) -> bool;

namespace formats {

/// A regular expression of ECMA-262 with the u flag, to the letter.
inline auto is_regex(std::string_view text) -> bool
{
    return regex::parse(text, regex::strictness::strict, {}).has_value();
}

} // namespace formats

/// The check of a format; nullptr where the dialect knows none of that name.
/// Source: JSON Schema Validation, 7.3, of 2020-12 and 2019-09, and of draft-07, which lacks
/// duration and uuid.
inline auto find_format(std::string_view name, dialect d) -> format_check
{
    struct known {
        std::string_view name;
        format_check check;
        bool since_2019_09 = false;
    };
    static constexpr known all[] = {
        {"date-time", formats::is_date_time},
        {"date", formats::is_date},
        {"time", formats::is_time},
        {"duration", formats::is_duration, true},
        {"email", formats::is_email},
        {"idn-email", formats::is_idn_email},
        {"hostname", formats::is_host_name},
        {"idn-hostname", formats::is_idn_host_name},
        {"ipv4", formats::is_ipv4},
        {"ipv6", formats::is_ipv6},
        {"uri", formats::is_uri},
        {"uri-reference", formats::is_uri_reference},
        {"iri", formats::is_iri},
        {"iri-reference", formats::is_iri_reference},
        {"uri-template", formats::is_uri_template},
        {"uuid", formats::is_uuid, true},
        {"json-pointer", formats::is_json_pointer},
        {"relative-json-pointer", formats::is_relative_json_pointer},
        {"regex", formats::is_regex},
    };
    for (auto const& format : all) {
        if (format.name == name) {
            return format.since_2019_09 && d == dialect::draft7 ? nullptr : format.check;
        }
    }
    return nullptr;
}

} // namespace haiga::schema
