#pragma once

#include "haiga/context/model.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace haiga::context {

namespace detail {

/// "us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5@20251001": the part that is
/// Anthropic's own name.
inline auto own_name(std::string_view name) -> std::string
{
    auto const begin = name.find("claude-");
    std::string own(begin == std::string_view::npos ? name : name.substr(begin));
    own.resize(std::min(own.size(), own.find(':')));
    if (own.ends_with("-v1") || own.ends_with("-v2")) {
        own.resize(own.size() - 3);
    }
    std::ranges::replace(own, '@', '-');
    return own;
}

/// "claude-haiku-4-5-20251001" without its day.
inline auto without_day(std::string_view name) -> std::string_view
{
    constexpr std::size_t day = 8;
    auto const digits = name.substr(name.size() - std::min(name.size(), day));
    auto const is_day = name.size() > day + 1 && name[name.size() - day - 1] == '-' &&
                        std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    return is_day ? name.substr(0, name.size() - day - 1) : name;
}

} // namespace detail

/// By id, by alias, by either without the day, or as other clouds call it.
inline auto is_called(model const& m, std::string_view name) -> bool
{
    auto const own = detail::own_name(name);
    auto const is = [&](std::string_view known) {
        return known == name || known == own || known == detail::without_day(own) ||
               detail::without_day(known) == own;
    };
    return is(m.id) || std::ranges::any_of(m.aliases, is);
}

} // namespace haiga::context
