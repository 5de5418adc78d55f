#pragma once

#include "haiga/tokenizer/pretokenize/character_set.hpp"

#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace haiga::tokenizer {

/// A text that is looked for as it is.
struct literal_pattern {
    std::string text;

    /// Where it is next, and its length; length 0: nowhere.
    [[nodiscard]] auto find(std::string_view in, std::size_t from) const
        -> std::pair<std::size_t, std::size_t>
    {
        auto const at = in.find(text, from);
        return at == std::string_view::npos ? std::pair(in.size(), std::size_t{0})
                                            : std::pair(at, text.size());
    }
};

/// Characters of one set, as many as there are: [0-9], \s+, \p{N}{1,3}.
struct run_pattern {
    character_set set;
    std::size_t least = 1, most = 1;

    /// Cost: once over what it passes.
    [[nodiscard]] auto find(std::string_view in, std::size_t from) const
        -> std::pair<std::size_t, std::size_t>
    {
        auto rest = in.substr(from);
        while (!rest.empty()) {
            auto const at = in.size() - rest.size();
            std::size_t count = 0;
            auto behind = rest;
            while (!behind.empty() && count < most) {
                auto next = behind;
                if (!set.contains(take_utf8(next))) {
                    break;
                }
                behind = next;
                ++count;
            }
            if (count >= least) {
                return {at, rest.size() - behind.size()};
            }
            rest = behind; // none of a run that is too short
            if (!rest.empty()) {
                take_utf8(rest);
            }
        }
        return {in.size(), 0};
    }
};

using text_pattern = std::variant<literal_pattern, run_pattern>;

/// A regular expression that is one class of characters, once, + or {m}, {m,}, {m,n} times.
/// Errors: unsupported for any other, with its text.
inline auto read_run_pattern(std::string_view pattern) -> result<run_pattern>
{
    constexpr std::string_view special = "()|*?^$+{}";
    auto const refuse = [&] {
        return fail(errc::unsupported, "the pattern \"", one_line(pattern, 400),
                    "\" is none that is known");
    };
    auto rest = pattern;
    if (rest.empty() || special.find(rest[0]) != std::string_view::npos) {
        return refuse();
    }
    auto set = character_set::take(rest);
    if (!set) {
        return refuse();
    }
    run_pattern run{*std::move(set), 1, 1};
    constexpr auto any = std::numeric_limits<std::size_t>::max();
    if (rest == "+") {
        run.most = any;
    } else if (rest.starts_with('{') && rest.ends_with('}')) {
        auto const body = rest.substr(1, rest.size() - 2);
        auto const comma = body.find(',');
        auto const number = [](std::string_view digits, std::size_t& to) {
            auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), to);
            return read.ec == std::errc() && read.ptr == digits.data() + digits.size();
        };
        auto const behind = comma == std::string_view::npos ? body : body.substr(comma + 1);
        run.most = any;
        if (!number(body.substr(0, comma), run.least) ||
            (!behind.empty() && !number(behind, run.most)) || run.least == 0 ||
            run.most < run.least) {
            return refuse();
        }
    } else if (!rest.empty()) {
        return refuse();
    }
    return run;
}

} // namespace haiga::tokenizer
