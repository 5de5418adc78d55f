#pragma once

#include "haiga/schema/pattern/bracket.hpp"
#include "haiga/schema/pattern/group_name.hpp"
#include "haiga/schema/pattern/limits.hpp"
#include "haiga/schema/pattern/syntax_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::schema::regex {

/// Source: ECMA-262, 22.2.1, with the u flag; no v flag, no modifiers such as (?i:...).
class parser {
public:
    parser(std::string_view pattern, strictness how, pattern_limits const& limits)
        : in_(pattern), how_(how), limits_(limits)
    {
    }

    auto run() -> result<syntax_tree>
    {
        open(no_node);
        tree_.root = open_.back().alternatives;
        while (!in_.at_end()) {
            HAIGA_TRY_VOID(take_term());
        }
        if (open_.size() > 1) {
            return open_.back().begin.fails("a parenthesis is not closed");
        }
        HAIGA_TRY_VOID(resolve());
        return std::move(tree_);
    }

private:
    struct open_group {
        std::uint32_t group; ///< whose closing parenthesis is awaited
        std::uint32_t alternatives;
        std::uint32_t sequence;
        cursor begin;
        std::uint32_t groups_before;
    };
    struct reference {
        std::uint32_t node;
        std::string name; ///< or the number
        cursor at;
    };

    auto make(node n) -> std::uint32_t
    {
        tree_.nodes.push_back(n);
        return static_cast<std::uint32_t>(tree_.nodes.size() - 1);
    }

    void append(std::uint32_t parent, std::uint32_t child)
    {
        auto& p = tree_.nodes[parent];
        (p.child == no_node ? p.child : tree_.nodes[p.last_child].next) = child;
        p.last_child = child;
    }

    auto append_term(node n) -> std::uint32_t
    {
        auto const made = make(n);
        append(open_.back().sequence, made);
        return made;
    }

    void begin_sequence()
    {
        auto const sequence = make({.kind = node_kind::sequence});
        append(open_.back().alternatives, sequence);
        open_.back().sequence = sequence;
    }

    void open(std::uint32_t group)
    {
        auto const alternatives = make({.kind = node_kind::alternatives});
        if (group != no_node) {
            append(group, alternatives);
        }
        open_.push_back({group, alternatives, no_node, in_, tree_.groups});
        begin_sequence();
    }

    auto take_term() -> result<>
    {
        switch (in_.peek()) {
        case '(': return take_group();
        case ')': return close();
        case '|':
            in_.skip(1);
            begin_sequence();
            return {};
        case '^':
            in_.skip(1);
            append_term({.kind = node_kind::text_begin});
            return {};
        case '$':
            in_.skip(1);
            append_term({.kind = node_kind::text_end});
            return {};
        default: return take_atom();
        }
    }

    auto take_group() -> result<>
    {
        auto const begin = in_;
        auto const groups_before = tree_.groups;
        in_.skip(1);
        if (open_.size() > limits_.max_depth) {
            return tl::unexpected(failure{
                errc::too_large, concat("pattern: groups nest deeper than ", limits_.max_depth),
                in_.offset()});
        }
        node group{.kind = node_kind::group};
        if (in_.take("?:")) {
            group.kind = node_kind::sequence;
        } else if (in_.take("?=") || in_.take("?!")) {
            group.kind = node_kind::look;
            group.negated = begin.starts_with("(?!");
        } else if (in_.take("?<=") || in_.take("?<!")) {
            group.kind = node_kind::look;
            group.behind = true;
            group.negated = begin.starts_with("(?<!");
        } else {
            group.first_number = ++tree_.groups;
            if (in_.take("?<")) {
                HAIGA_TRY(auto name, take_group_name(in_));
                if (!names_.emplace(std::move(name), tree_.groups).second) {
                    return begin.fails("two groups have one name");
                }
            } else if (in_.starts_with("?")) {
                return begin.fails("no group of ECMA-262 begins so");
            }
        }
        auto const made = append_term(group);
        open(made);
        open_.back().begin = begin;
        open_.back().groups_before = groups_before;
        return {};
    }

    auto close() -> result<>
    {
        if (open_.size() == 1) {
            return in_.fails("a parenthesis closes nothing");
        }
        in_.skip(1);
        auto const closed = open_.back();
        open_.pop_back();
        if (tree_.nodes[closed.group].kind == node_kind::look) {
            return {}; // with the u flag, no quantifier applies
        }
        return take_quantifier(closed.group, closed.groups_before);
    }

    auto take_atom() -> result<>
    {
        auto const begin = in_;
        if (in_.take("\\")) {
            return take_escaped_atom(begin);
        }
        if (in_.take("[")) {
            HAIGA_TRY(auto set, take_bracket(in_, how_));
            return take_quantifier(append_set(std::move(set)));
        }
        if (in_.take(".")) {
            return take_quantifier(append_set(not_line_terminators()));
        }
        auto const c = in_.take_character();
        if (c == U'*' || c == U'+' || c == U'?') {
            return begin.fails("nothing to repeat");
        }
        if (c == U'{' || c == U'}' || c == U']') {
            if (how_ == strictness::strict) {
                return begin.fails("a brace or bracket needs a backslash");
            }
            if (auto ahead = begin; c == U'{' && take_counts(ahead)) {
                return begin.fails("nothing to repeat");
            }
        }
        return take_quantifier(append_character(c));
    }

    auto take_escaped_atom(cursor const& begin) -> result<>
    {
        if (in_.take("b") || in_.take("B")) {
            append_term({.kind = node_kind::word_boundary, .negated = begin.starts_with("\\B")});
            return {};
        }
        if (in_.take("k")) {
            if (!in_.take("<")) {
                return begin.fails("\\k needs the name of a group, as in \\k<name>");
            }
            HAIGA_TRY(auto name, take_group_name(in_));
            return refer(std::move(name), begin);
        }
        if (in_.peek() >= '1' && in_.peek() <= '9') {
            std::string number;
            for (; detail::is_digit(in_.peek()); in_.skip(1)) {
                number += in_.peek();
            }
            return refer(std::move(number), begin);
        }
        HAIGA_TRY(auto what, take_escape(in_, how_));
        if (auto const* const c = std::get_if<char32_t>(&what)) {
            return take_quantifier(append_character(*c));
        }
        return take_quantifier(append_set(std::get<code_points>(std::move(what))));
    }

    auto append_character(char32_t c) -> std::uint32_t
    {
        return append_term({.kind = node_kind::character, .first_number = c});
    }

    auto append_set(code_points set) -> std::uint32_t
    {
        auto const next = static_cast<std::uint32_t>(tree_.sets.size());
        auto const [known, is_new] = known_sets_.try_emplace(set.ranges(), next);
        if (is_new) {
            tree_.sets.push_back(std::move(set));
        }
        return append_term({.kind = node_kind::set, .first_number = known->second});
    }

    auto refer(std::string to, cursor const& at) -> result<>
    {
        tree_.has_references = true;
        auto const made = append_term({.kind = node_kind::reference});
        references_.push_back({made, std::move(to), at});
        return take_quantifier(made);
    }

    struct counts {
        std::uint32_t least;
        std::uint32_t most;
    };

    static auto take_number(cursor& in) -> std::optional<std::uint32_t>
    {
        if (!detail::is_digit(in.peek())) {
            return std::nullopt;
        }
        constexpr std::uint64_t most = unbounded - 1;
        std::uint64_t value = 0;
        for (; detail::is_digit(in.peek()); in.skip(1)) {
            value = std::min(most, value * 10 + static_cast<std::uint64_t>(in.peek() - '0'));
        }
        return static_cast<std::uint32_t>(value);
    }

    /// {2}, {2,} or {2,3}; in is moved only where there is one.
    static auto take_counts(cursor& in) -> std::optional<counts>
    {
        auto ahead = in;
        if (!ahead.take("{")) {
            return std::nullopt;
        }
        auto const least = take_number(ahead);
        auto most = least;
        if (least && ahead.take(",")) {
            most = ahead.peek() == '}' ? std::optional(unbounded) : take_number(ahead);
        }
        if (!least || !most || !ahead.take("}")) {
            return std::nullopt;
        }
        in = ahead;
        return counts{*least, *most};
    }

    auto take_quantifier(std::uint32_t atom) -> result<>
    {
        return take_quantifier(atom, tree_.groups);
    }

    auto take_quantifier(std::uint32_t atom, std::uint32_t groups_before) -> result<>
    {
        auto const begin = in_;
        auto const found = in_.take("*")   ? std::optional(counts{0, unbounded})
                           : in_.take("+") ? std::optional(counts{1, unbounded})
                           : in_.take("?") ? std::optional(counts{0, 1})
                                           : take_counts(in_);
        if (!found) {
            return {};
        }
        if (found->least > found->most) {
            return begin.fails("counts are out of order");
        }
        auto const lazy = in_.take("?");
        // The atom moves, so that whoever links to it links to the repetition.
        auto inner = tree_.nodes[atom];
        inner.next = no_node;
        auto const moved = make(inner);
        if (inner.kind == node_kind::reference) {
            references_.back().node = moved;
        }
        tree_.nodes[atom] = {.kind = node_kind::repeat,
                             .lazy = lazy,
                             .first_number = found->least,
                             .second_number = found->most,
                             .groups_before = groups_before,
                             .groups_after = tree_.groups,
                             .child = moved,
                             .last_child = moved,
                             .next = tree_.nodes[atom].next};
        return {};
    }

    auto resolve() -> result<>
    {
        for (auto const& r : references_) {
            std::uint32_t group = 0;
            if (detail::is_digit(r.name[0])) {
                cursor digits(r.name);
                group = *take_number(digits);
            } else if (auto const named = names_.find(r.name); named != names_.end()) {
                group = named->second;
            }
            if (group == 0 || group > tree_.groups) {
                return r.at.fails("there is no group ", r.name);
            }
            tree_.nodes[r.node].first_number = group;
        }
        return {};
    }

    cursor in_;
    strictness how_;
    pattern_limits limits_;
    syntax_tree tree_;
    std::vector<open_group> open_;
    std::vector<reference> references_;
    std::map<std::string, std::uint32_t, std::less<>> names_;
    std::map<std::vector<code_range>, std::uint32_t> known_sets_;
};

/// Errors: invalid, with the offset of what is wrong; too_large above the limits.
inline auto parse(std::string_view pattern, strictness how, pattern_limits const& limits)
    -> result<syntax_tree>
{
    if (pattern.size() > limits.max_bytes) {
        return fail(errc::too_large, "pattern: ", pattern.size(), " bytes, at most ",
                    limits.max_bytes, " are read");
    }
    if (auto const at = find_invalid_utf8(pattern)) {
        return tl::unexpected(failure{errc::invalid, "pattern: no UTF-8", *at});
    }
    return parser(pattern, how, limits).run();
}

} // namespace haiga::schema::regex
