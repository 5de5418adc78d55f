#pragma once

#include "haiga/base/result.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>

namespace haiga::model::detail {

/// Bytes of a file's value that a failure repeats.
constexpr std::size_t longest_echo = 80;

inline auto check_choice(char const* key, std::string const& found,
                         std::initializer_list<char const*> supported) -> result<>
{
    std::string list;
    for (auto const* const name : supported) {
        if (found == name) {
            return {};
        }
        list += concat(list.empty() ? "" : ", ", name);
    }
    return fail(errc::unsupported, '"', key, "\" may be ", list, "; found ",
                one_line(found, longest_echo));
}

/// Sizes are bounded so that no product of a few of them can overflow.
inline auto check_range(char const* key, std::int64_t found, std::int64_t lowest = 1) -> result<>
{
    constexpr std::int64_t highest = 1 << 20;
    return found >= lowest && found <= highest ? result<>()
                                               : fail(errc::invalid, '"', key, "\" must be from ",
                                                      lowest, " to ", highest, "; found ", found);
}

} // namespace haiga::model::detail
