#pragma once

#include "haiga/json/pointer.hpp"
#include "haiga/schema/evaluate.hpp"
#include "haiga/schema/stream_formula.hpp"
#include "haiga/schema/stream_watch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::schema::detail {

constexpr auto bit(boost::json::kind k) -> type_mask
{
    return static_cast<type_mask>(1U << static_cast<unsigned>(k));
}

/// Judges a document while it arrives: a formula of the schemas that are applied to the values that
/// are open. Whatever it cannot tell it leaves unknown: what fails has no valid continuation.
class stream_judge {
public:
    stream_judge(program const& p, evaluation_scratch& scratch, evaluation_limits limits)
        : p_(p), scratch_(scratch), limits_(limits), assertions_(p, scratch), enumerations_(p)
    {
        for (auto const& plan : p.enumerations) {
            type_mask kinds = 0;
            for (auto const& v : std::span(p.values).subspan(plan.values, plan.count)) {
                kinds = static_cast<type_mask>(kinds | kind_of(v));
            }
            enumeration_kinds_.push_back(kinds);
        }
        restart();
    }

    /// Forgets the document.
    void restart()
    {
        formula_.truncate(0);
        levels_.assign(1, {});
        steps_left_ = limits_.steps;
        gave_up_ = false;
        values_ = judged_whole_ = 0;
        add_block(none, 0, 0);
        expand();
    }

    [[nodiscard]] auto failed() -> bool { return formula_[0].state == standing::failed; }
    [[nodiscard]] auto blame() const -> formula_blame const& { return formula_.blame(); }

    /// The pointer to the value at a depth; by itself, to the innermost that has begun.
    [[nodiscard]] auto pointer(std::size_t depth) const -> std::string
    {
        std::string text;
        for (std::size_t d = 1; d <= depth && d < levels_.size(); ++d) {
            if (levels_[d].is_member) {
                json::append_token(text, levels_[d].name);
            } else {
                text.append("/").append(std::to_string(levels_[d].index));
            }
        }
        return text;
    }
    [[nodiscard]] auto pointer() const -> std::string { return pointer(levels_.size() - 1); }
    [[nodiscard]] auto is_member(std::size_t depth) const -> bool
    {
        return depth < levels_.size() && levels_[depth].is_member;
    }

    // ---- values

    void begin_object() { begin_value(bit(boost::json::kind::object)); }

    void begin_array()
    {
        begin_value(bit(boost::json::kind::array));
        for (auto i = levels_.back().first; i < formula_.size(); ++i) {
            formula_[i].triggered = formula_[i].triggered || formula_[i].kind == junction::contains;
        }
    }

    void begin_literal(boost::json::value const& v)
    {
        for_each_leaf(kind_of(v), [&](instruction const& i) { return assertions_.holds(i, v); });
    }

    void begin_number(bool negative)
    {
        static boost::json::value const zero = 0;
        for_each_leaf(numbers, [&](instruction const& i) {
            switch (i.op) {
            case opcode::minimum: return !negative || compare(p_.values[i.a], zero) <= 0;
            case opcode::exclusive_minimum: return !negative || compare(p_.values[i.a], zero) < 0;
            case opcode::maximum: return negative || compare(p_.values[i.a], zero) >= 0;
            case opcode::exclusive_maximum: return negative || compare(p_.values[i.a], zero) > 0;
            default: return true;
            }
        });
    }

    void begin_string()
    {
        begin_value(bit(boost::json::kind::string));
        watches_.clear();
        string_bytes_ = 0;
        for (auto part = levels_.back().first; part < formula_.size() && !gave_up_; ++part) {
            if (formula_[part].kind == junction::block && formula_.is_wanted(part)) {
                add_watches(part);
            }
        }
    }

    /// Whole characters of a string. How many bytes have been read when it failed; all if not.
    auto text(std::string_view piece) -> std::size_t
    {
        ends_.clear();
        for (auto& w : watches_) {
            if (formula_.is_wanted(w.part)) {
                auto const allowed = watched(p_, enumerations_, w, piece, string_bytes_);
                if (allowed < piece.size()) {
                    ends_.emplace_back(allowed, &w);
                }
            }
        }
        string_bytes_ += piece.size();
        std::ranges::stable_sort(ends_, {}, &end_of_chance::first);
        for (auto const& [allowed, w] : ends_) {
            formula_.fail(w->part, w->instruction);
            if (failed()) {
                return allowed + 1;
            }
        }
        return piece.size();
    }

    /// The value at the innermost level is whole.
    void end_value(boost::json::value const& v)
    {
        for (auto part = formula_.size(); part-- > levels_.back().first;) {
            if (!formula_.is_wanted(part)) {
                continue;
            }
            if (formula_[part].kind == junction::block) {
                end_block(part, v);
            }
            if (formula_[part].state == standing::open) {
                formula_.settle(part,
                                gave_up_ ? standing::unknown : formula::at_end(formula_[part]));
            }
        }
    }

    // ---- what a container holds

    /// Another member or element must follow those that are there.
    void expect_more(bool is_object, std::size_t size)
    {
        auto const op = is_object ? opcode::property_count : opcode::item_count;
        for_each_instruction([&](std::uint32_t part, std::uint32_t at) {
            auto const& i = p_.code[at];
            if (i.op == op && size + 1 > i.b) {
                formula_.fail(part, at);
            }
        });
    }

    /// A member begins: its value's level.
    void begin_member(std::string_view name)
    {
        judge_name(name);
        if (failed()) {
            return;
        }
        auto const owner = levels_.size() - 1;
        level made;
        made.is_member = true;
        made.name = name;
        push_level(owner, std::move(made),
                   [&](std::uint32_t part, std::uint32_t at) { add_member(part, at, name); });
    }

    void begin_element(std::size_t index)
    {
        auto const owner = levels_.size() - 1;
        level made;
        made.index = index;
        push_level(owner, std::move(made), [&](std::uint32_t part, std::uint32_t at) {
            add_element(part, at, static_cast<std::uint32_t>(index));
        });
    }

    void end_child()
    {
        formula_.truncate(levels_.back().first);
        levels_.pop_back();
    }

private:
    using kind = boost::json::kind;
    using end_of_chance = std::pair<std::size_t, string_watch*>;

    struct level {
        std::uint32_t first = 0; ///< part of the formula
        bool is_member = false;
        std::string name = {};
        std::size_t index = 0;
        std::size_t values_before = 0; ///< it
    };

    static constexpr std::uint32_t most_parts = 1U << 18U;

    static constexpr auto numbers = static_cast<type_mask>(bit(kind::int64) | bit(kind::uint64) |
                                                           bit(kind::double_) | whole_double);

    static auto kind_of(boost::json::value const& v) -> type_mask
    {
        return is_number(v) ? numbers : bit(v.kind());
    }

    // ---- parts

    void add_block(std::uint32_t parent, std::uint8_t branch, std::uint32_t block)
    {
        formula_part part;
        part.parent = parent;
        part.branch = branch;
        part.block = block;
        part.depth = static_cast<std::uint32_t>(levels_.size() - 1);
        formula_.add(part);
    }

    auto add_junction(junction what, std::uint32_t parent, std::uint32_t at, std::uint32_t count)
        -> std::uint32_t
    {
        formula_part part;
        part.kind = what;
        part.parent = parent;
        part.block = formula_[parent].block;
        part.at = at;
        part.depth = formula_[parent].depth;
        part.count = count;
        return formula_.add(part);
    }

    /// Adds what the blocks of the innermost level apply in place.
    void expand()
    {
        for (auto part = levels_.back().first; part < formula_.size() && !gave_up_; ++part) {
            if (formula_[part].kind != junction::block || !formula_.is_wanted(part)) {
                continue;
            }
            auto const& b = p_.blocks[formula_[part].block];
            for (auto at = b.full; at < b.full_end; ++at) {
                apply_in_place(part, at);
            }
            count_steps(b.full_end - b.full);
        }
    }

    void count_steps(std::uint32_t steps)
    {
        gave_up_ = gave_up_ || steps_left_ <= steps || formula_.size() > most_parts;
        steps_left_ -= gave_up_ ? 0 : steps;
    }

    void apply_in_place(std::uint32_t part, std::uint32_t at)
    {
        auto const& i = p_.code[at];
        switch (i.op) {
        case opcode::never: formula_.fail(part, at); break;
        case opcode::call: add_block(part, 0, i.a); break;
        case opcode::call_dynamic:
            if (auto const only = only_target(i); only != none) {
                add_block(part, 0, only);
            } else {
                formula_[part].uncertain = true;
            }
            break;
        case opcode::all_of:
            for (auto const block : std::span(p_.lists).subspan(i.a, i.b)) {
                add_block(part, 0, block);
            }
            break;
        case opcode::any_of:
        case opcode::one_of: {
            auto const made = add_junction(
                i.op == opcode::any_of ? junction::any_of : junction::one_of, part, at, i.b);
            for (auto const block : std::span(p_.lists).subspan(i.a, i.b)) {
                add_block(made, 0, block);
            }
            break;
        }
        case opcode::negation:
            add_block(add_junction(junction::negation, part, at, 1), 0, i.a);
            break;
        case opcode::conditional: add_conditional(part, at); break;
        case opcode::dependent_schemas:
            for (auto d = i.a; d < i.a + i.b; ++d) {
                auto const made = add_junction(junction::dependent, part, at, 1);
                formula_[made].which = d;
                add_block(made, 0, p_.dependents[d].block);
            }
            break;
        case opcode::contains: {
            auto const made = add_junction(junction::contains, part, at, 0);
            formula_[made].least = p_.contains[i.a].least;
            formula_[made].most = p_.contains[i.a].most;
            break;
        }
        case opcode::unevaluated_items:
        case opcode::unevaluated_properties: formula_[part].whole = true; break;
        default: break;
        }
    }

    void add_conditional(std::uint32_t part, std::uint32_t at)
    {
        auto const& plan = p_.conditionals[p_.code[at].a];
        auto const made = add_junction(junction::conditional, part, at, 1);
        auto& branches = formula_[made].branches;
        branches[1] = plan.consequent == none ? standing::passed : standing::open;
        branches[2] = plan.alternative == none ? standing::passed : standing::open;
        add_block(made, 0, plan.condition);
        if (plan.consequent != none) {
            add_block(made, 1, plan.consequent);
        }
        if (plan.alternative != none) {
            add_block(made, 2, plan.alternative);
        }
    }

    /// Where a dynamic reference always leads; `none` where that depends on how it was reached.
    [[nodiscard]] auto only_target(instruction const& i) const -> std::uint32_t
    {
        for (auto const& anchor : p_.dynamic_anchors) {
            if (anchor.anchor == i.b && anchor.block != i.a) {
                return none;
            }
        }
        return i.a;
    }

    // ---- assertions

    /// Calls visit(part, at) for the instructions of the innermost value's blocks that matter.
    template <class Visit>
    void for_each_instruction(Visit const& visit)
    {
        auto const end = formula_.size();
        for (auto part = levels_.back().first; part < end && !gave_up_; ++part) {
            if (formula_[part].kind == junction::block && formula_.is_wanted(part)) {
                visit_block(part, visit);
            }
        }
    }

    template <class Visit>
    void visit_block(std::uint32_t part, Visit const& visit)
    {
        auto const& b = p_.blocks[formula_[part].block];
        for (auto at = b.full; at < b.full_end; ++at) {
            visit(part, at);
        }
        count_steps(b.full_end - b.full);
    }

    /// Fails blocks that do not allow a kind of value, or of whose assertions holds(i) says no.
    template <class Holds>
    void for_each_leaf(type_mask possible, Holds const& holds)
    {
        ++values_;
        for_each_instruction([&](std::uint32_t part, std::uint32_t at) {
            auto const& i = p_.code[at];
            bool const may_hold =
                i.op == opcode::types         ? (i.a & possible) != 0
                : i.op == opcode::constant    ? (kind_of(p_.values[i.a]) & possible) != 0
                : i.op == opcode::enumeration ? (enumeration_kinds_[i.a] & possible) != 0
                                              : true;
            if (!may_hold || (i.op <= opcode::last_leaf && !holds(i))) {
                formula_.fail(part, at);
            }
        });
    }

    void begin_value(type_mask possible)
    {
        for_each_leaf(possible, [](instruction const&) { return true; });
    }

    void add_watches(std::uint32_t part)
    {
        visit_block(part, [&](std::uint32_t, std::uint32_t at) {
            auto const& i = p_.code[at];
            string_watch made{part, at};
            switch (i.op) {
            case opcode::length:
                if (i.b == none) {
                    return;
                }
                break;
            case opcode::constant:
                if (!p_.values[i.a].is_string()) {
                    return;
                }
                break;
            case opcode::enumeration:
                made.low = enumerations_.begin(i.a);
                made.high = enumerations_.end(i.a);
                break;
            case opcode::pattern:
                if (auto const* const states = p_.patterns[i.a].states()) {
                    made.state = states->start();
                    if (made.state == regex::automaton::never) {
                        formula_.fail(part, at);
                        return;
                    }
                } else if (p_.patterns[i.a].text() == nullptr) {
                    return;
                }
                break;
            default: return;
            }
            watches_.push_back(made);
        });
    }

    void end_block(std::uint32_t part, boost::json::value const& v)
    {
        auto const& b = p_.blocks[formula_[part].block];
        for (auto at = b.full; at < b.full_end && !gave_up_; ++at) {
            auto const& i = p_.code[at];
            if (i.op > opcode::last_leaf || assertions_.holds(i, v)) {
                continue;
            }
            if (assertions_.stopped()) { // a pattern that takes too long
                assertions_.stopped().reset();
                formula_[part].uncertain = true;
                continue;
            }
            formula_.fail(part, at);
            return;
        }
        count_steps(b.full_end - b.full);
        if (formula_[part].whole && formula_[part].state == standing::open) {
            judge_whole(part, v);
        }
    }

    /// What a block leaves unevaluated is known when its value is whole. It is then judged anew, as
    /// often as that takes no more than a few times what has been read; else later, with the whole
    /// document.
    void judge_whole(std::uint32_t part, boost::json::value const& v)
    {
        auto const size = values_ - levels_.back().values_before;
        if (p_.is_dynamic || gave_up_ || judged_whole_ + size > 64 + 4 * values_) {
            formula_[part].uncertain = true;
            return;
        }
        judged_whole_ += size;
        auto const block = formula_[part].block;
        auto const verdict = evaluator<tracking::verdict>(p_, scratch_, limits_).run(v, block);
        if (!verdict) {
            formula_[part].uncertain = true;
        } else if (*verdict) {
            formula_.settle(part, standing::passed);
        } else {
            formula_.fail(part, unevaluated_of(block));
        }
    }

    [[nodiscard]] auto unevaluated_of(std::uint32_t block) const -> std::uint32_t
    {
        auto const& b = p_.blocks[block];
        auto at = b.full;
        while (p_.code[at].op != opcode::unevaluated_items &&
               p_.code[at].op != opcode::unevaluated_properties) {
            ++at;
        }
        return at;
    }

    // ---- children

    /// Adds a level with what add(part, at) adds for the instructions of an outer one.
    template <class Add>
    void push_level(std::size_t owner, level made, Add const& add)
    {
        auto const begin = levels_[owner].first;
        auto const end = formula_.size();
        made.first = end;
        made.values_before = values_;
        levels_.push_back(std::move(made));
        for (auto part = begin; part < end && !gave_up_; ++part) {
            if (!formula_.is_wanted(part)) {
                continue;
            }
            if (formula_[part].kind == junction::block) {
                visit_block(part, add);
            } else if (formula_[part].kind == junction::contains && formula_[part].triggered) {
                add(part, formula_[part].at);
            }
        }
        expand();
    }

    /// Whether a name matches; nothing, and the part is uncertain, where that takes too long.
    auto matches(std::uint32_t part, std::uint32_t pattern, std::string_view name)
        -> std::optional<bool>
    {
        bool const found = assertions_.matches(pattern, name);
        if (assertions_.stopped()) {
            assertions_.stopped().reset();
            formula_[part].uncertain = true;
            return std::nullopt;
        }
        return found;
    }

    void add_member(std::uint32_t part, std::uint32_t at, std::string_view name)
    {
        auto const& i = p_.code[at];
        if (i.op != opcode::properties && i.op != opcode::pattern_properties &&
            i.op != opcode::additional_properties) {
            return;
        }
        auto const& plan = p_.objects[i.a];
        auto const slot = plan.names.find(name, none, p_.names);
        auto const own = slot == none ? none : p_.slots[plan.slots + slot].block;
        if (i.op == opcode::properties) {
            if (own != none) {
                add_block(part, 0, own);
            }
            return;
        }
        bool found = own != none;
        bool const is_rest = i.op == opcode::additional_properties;
        for (std::uint32_t k = 0; k < plan.pattern_count && !(is_rest && found); ++k) {
            auto const& pattern = p_.pattern_slots[plan.patterns + k];
            auto const matched = matches(part, pattern.pattern, name);
            found = found || !matched || *matched;
            if (!is_rest && matched && *matched) {
                add_block(part, 0, pattern.block);
            }
        }
        if (is_rest && !found) {
            add_block(part, 0, plan.additional);
        }
    }

    void add_element(std::uint32_t part, std::uint32_t at, std::uint32_t index)
    {
        auto const& i = p_.code[at];
        if (i.op == opcode::prefix_items && index < i.b) {
            add_block(part, 0, p_.lists[i.a + index]);
        } else if (i.op == opcode::items && index >= i.b) {
            add_block(part, 0, i.a);
        } else if (i.op == opcode::contains && formula_[part].kind == junction::contains) {
            ++formula_[part].count;
            add_block(part, 0, p_.contains[i.a].block);
        }
    }

    /// What a name decides by itself: propertyNames, and which dependentSchemas apply.
    void judge_name(std::string_view name)
    {
        auto const end = formula_.size();
        for (auto part = levels_.back().first; part < end; ++part) {
            if (formula_[part].kind == junction::dependent && formula_.is_wanted(part) &&
                p_.names[p_.dependents[formula_[part].which].name] == name) {
                formula_[part].triggered = true;
                if (auto const state = formula_[part].branches[0]; state != standing::open) {
                    formula_.settle(part, state);
                }
            }
        }
        auto& as_value = scratch_.name;
        push_level(levels_.size() - 1, {}, [&](std::uint32_t part, std::uint32_t at) {
            if (p_.code[at].op == opcode::property_names) {
                add_block(part, 0, p_.code[at].a);
            }
        });
        if (formula_.size() > end) {
            as_value.get_string().assign(name);
            begin_value(bit(kind::string));
            end_value(as_value);
        }
        end_child();
    }

    program const& p_;
    evaluation_scratch& scratch_;
    evaluation_limits limits_;
    assertions assertions_;
    sorted_enumerations enumerations_;
    std::vector<type_mask> enumeration_kinds_;
    formula formula_;
    std::vector<level> levels_;
    std::vector<string_watch> watches_;
    std::vector<end_of_chance> ends_;
    std::size_t string_bytes_ = 0;
    std::uint64_t steps_left_ = 0;
    std::size_t values_ = 0;       ///< that have begun
    std::size_t judged_whole_ = 0; ///< values in those that were judged when they were whole
    bool gave_up_ = false;         ///< too much to follow: all is left to the judgement at the end
};

} // namespace haiga::schema::detail
