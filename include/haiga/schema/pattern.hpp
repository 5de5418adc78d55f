#pragma once

#include "haiga/base/result.hpp"
#include "haiga/schema/pattern/automaton.hpp"
#include "haiga/schema/pattern/backtrack.hpp"
#include "haiga/schema/pattern/determinize.hpp"
#include "haiga/schema/pattern/emit.hpp"
#include "haiga/schema/pattern/limits.hpp"
#include "haiga/schema/pattern/literal.hpp"
#include "haiga/schema/pattern/parse.hpp"
#include "haiga/schema/pattern/scratch.hpp"
#include "haiga/schema/pattern/threads.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace haiga::schema {

using regex::strictness;

struct pattern_options {
    strictness how = strictness::usual;
    pattern_limits limits = {};
};

/// A regular expression of ECMA-262 with the u flag, as JSON Schema has them.
///
/// What is mere text is looked for as text; most other patterns become an automaton; what would
/// make too large an automaton, and what looks ahead or behind, is run by threads. All of these are
/// linear in the text and none recurses. Only \1 and \k<name> need backtracking, with a limit.
/// Source: ECMA-262, 22.2; JSON Schema Validation 2020-12, 6.3.3, and Core, 6.4.
class pattern {
public:
    /// Errors: invalid, with the offset of what is no pattern; too_large above the limits.
    static auto compile(std::string_view ecma_source, pattern_options const& options = {})
        -> result<pattern>
    {
        HAIGA_TRY(auto const tree, regex::parse(ecma_source, options.how, options.limits));
        pattern made(ecma_source, options.limits);
        if (auto text = regex::literal::of(tree)) {
            made.engine_ = *std::move(text);
            return made;
        }
        auto const how = tree.has_references ? regex::engine::backtracking : regex::engine::threads;
        HAIGA_TRY(auto code, regex::emitter(tree, how, options.limits.max_instructions).run());
        if (tree.has_references) {
            made.engine_ = backtracked{std::move(code)};
        } else if (auto states = regex::determinize(code, options.limits)) {
            made.engine_ = *std::move(states);
        } else {
            made.engine_ = std::move(code);
        }
        return made;
    }

    /// Whether any part of a text matches. Bytes that are no UTF-8 count as U+FFFD.
    /// Errors: too_large, where a search would take more steps than the limits allow.
    auto found_in(std::string_view text, pattern_scratch& scratch) const -> result<bool>
    {
        if (auto const* const states = std::get_if<regex::automaton>(&engine_)) {
            return states->found_in(text);
        }
        if (auto const* const exact = std::get_if<regex::literal>(&engine_)) {
            return exact->found_in(text);
        }
        if (auto const* const code = std::get_if<regex::program>(&engine_)) {
            return regex::thread_search(*code, text, limits_, scratch).found();
        }
        return regex::backtrack_search(std::get<backtracked>(engine_).code, text, limits_, scratch)
            .found();
    }

    /// What reads a text that arrives in pieces; nullptr where the pattern has no automaton.
    [[nodiscard]] auto states() const -> regex::automaton const*
    {
        return std::get_if<regex::automaton>(&engine_);
    }
    /// The text that the pattern is; nullptr where it is more.
    [[nodiscard]] auto text() const -> regex::literal const*
    {
        return std::get_if<regex::literal>(&engine_);
    }
    [[nodiscard]] auto source() const -> std::string const& { return source_; }

private:
    struct backtracked {
        regex::program code;
    };

    pattern(std::string_view source, pattern_limits const& limits)
        : source_(source), limits_(limits)
    {
    }

    std::string source_;
    pattern_limits limits_;
    std::variant<regex::literal, regex::automaton, regex::program, backtracked> engine_;
};

} // namespace haiga::schema
