#pragma once

#include "haiga/base/result.hpp"
#include "haiga/json/value_builder.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string_view>

namespace haiga::json {

struct parse_limits {
    std::size_t max_bytes = std::size_t{1} << 28;
    std::size_t max_depth = 64;
};

namespace detail {

/// members: what value_builder counted.
inline auto parse(std::string_view text, parse_limits limits, std::size_t& members)
    -> result<boost::json::value>
{
    if (text.size() > limits.max_bytes) {
        return fail(errc::too_large, "JSON: ", text.size(), " bytes, at most ", limits.max_bytes,
                    " are read");
    }
    boost::json::parse_options options;
    options.max_depth = limits.max_depth;
    boost::json::basic_parser<value_builder> parser(options);
    boost::json::error_code error;
    auto const used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size()) {
        error = boost::json::error::extra_data;
    }
    if (!error) {
        members = parser.handler().members();
        return parser.handler().release();
    }
    auto const code = error == boost::json::error::too_deep     ? errc::too_large
                      : error == boost::json::error::incomplete ? errc::truncated
                                                                : errc::invalid;
    return tl::unexpected(failure{code, concat("JSON: ", error.message()), used});
}

} // namespace detail

/// One JSON document (RFC 8259, valid UTF-8) and nothing after it; a number with a fraction or an
/// exponent is the double nearest to it. Of keys that occur twice in an object the last counts;
/// parse_unique refuses them.
///
/// Errors: too_large above max_bytes, before anything is read, and below max_depth brackets;
///         truncated; invalid, with the offset of what is wrong.
inline auto parse(std::string_view text, parse_limits limits = {}) -> result<boost::json::value>
{
    std::size_t members = 0;
    return detail::parse(text, limits, members);
}

} // namespace haiga::json
