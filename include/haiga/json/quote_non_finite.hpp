#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace haiga::json {

/// JSON with what Python's json module writes of numbers that JSON has not, NaN, Infinity and
/// -Infinity, as strings. Diffusers' scheduler_config.json has "lambda_min_clipped": -Infinity.
///
/// Text that is no JSON stays none.   Cost: a copy of the text.
/// Source: docs.python.org/3/library/json.html, "Infinite and NaN Number Values".
inline auto quote_non_finite(std::string_view text) -> std::string
{
    constexpr std::array<std::string_view, 3> words = {"-Infinity", "Infinity", "NaN"};
    std::string quoted;
    bool inside = false; // a string
    for (std::size_t at = 0; at < text.size();) {
        auto const rest = text.substr(at);
        auto const word =
            std::ranges::find_if(words, [&](auto const& w) { return rest.starts_with(w); });
        if (!inside && word != words.end()) {
            quoted.append("\"").append(*word).append("\"");
            at += word->size();
            continue;
        }
        bool const escaped = inside && rest[0] == '\\' && rest.size() > 1;
        inside = inside != (rest[0] == '"');
        quoted.append(rest.substr(0, escaped ? 2 : 1));
        at += escaped ? 2 : 1;
    }
    return quoted;
}

} // namespace haiga::json
