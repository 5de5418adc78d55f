#pragma once

#include "haiga/schema/shallow.hpp"

namespace haiga::schema {

/// What evaluation leaves behind: only the verdict; notes of what is wrong; notes of everything.
enum class tracking : std::uint8_t { verdict, errors, everything };

struct evaluation_limits {
    /// Schemas applied to values. What nests anyOf in references can ask for any number of them.
    std::uint64_t steps = std::uint64_t{1} << 26U;
    /// The same where notes are taken, which stay in memory.
    std::uint64_t noted_steps = std::uint64_t{1} << 22U;
};

namespace detail {

/// Runs a program over a value, with a stack of its own: as deep as the value and the schema go,
/// without recursion.
///
/// A frame is a block applied to a value. An instruction that applies a block to something pushes a
/// frame and waits; when it has ended the same instruction goes on with what came of it. Where only
/// the verdict counts, blocks of assertions alone are judged on the spot, and the first failure
/// that nothing can mend ends it.
template <tracking Track>
class evaluator {
    static constexpr bool quick = Track == tracking::verdict;
    using frame = evaluation_frame;
    using value = boost::json::value;

    enum class signal : std::uint8_t { fresh, passed, failed };
    enum class action : std::uint8_t { next, wait, pass, fail };

public:
    evaluator(program const& p, evaluation_scratch& scratch, evaluation_limits limits)
        : p_(p), s_(scratch), shallow_(p, scratch, quick ? limits.steps : limits.noted_steps),
          judge_(shallow_.assertions())
    {
    }

    /// Errors: too_large where a limit ended it; what patterns say.
    auto run(value const& root, std::uint32_t block = 0) -> result<bool>
    {
        if (quick && p_.blocks[block].height != block::no_height) {
            return judged(shallow_.holds(p_.blocks[block], root));
        }
        reset();
        if (quick && !has_type(root, p_.blocks[block].types)) {
            return false;
        }
        push(root, block, none, none, 0);
        give_marks(top(), p_.blocks[block], nullptr, false);
        for (auto from = signal::fresh;;) {
            auto const now = advance(top(), from);
            from = signal::fresh;
            if (judge_.stopped()) {
                return judged(false);
            }
            if (now != action::wait) {
                from = now == action::pass ? signal::passed : signal::failed;
                pop(now == action::pass);
                if (depth_ == 0) {
                    return now == action::pass;
                }
            }
        }
    }

private:
    auto judged(bool verdict) -> result<bool>
    {
        if (judge_.stopped()) {
            return tl::unexpected(std::move(*judge_.stopped()));
        }
        return verdict;
    }

    void reset()
    {
        depth_ = 0;
        s_.marks.clear();
        if constexpr (!quick) {
            s_.notes.clear();
            s_.names.clear();
        }
        if (p_.is_dynamic) {
            s_.scope.clear();
            s_.scope_uses.assign(p_.resources.size(), 0);
        }
    }

    // ---- frames

    auto top() -> frame& { return s_.frames[depth_ - 1]; }

    /// The frame is written where it stays: a copy would have to wait for its parts.
    void push(value const& v, std::uint32_t block, std::uint32_t child, std::uint32_t step,
              std::uint32_t in_place)
    {
        if (depth_ == s_.frames.size()) {
            s_.frames.resize(std::max<std::size_t>(depth_ * 2, 16));
        }
        auto& made = s_.frames[depth_++];
        auto const& b = p_.blocks[block];
        made.instance = &v;
        made.at = quick ? b.fast : b.full;
        made.end = quick ? b.fast_end : b.full_end;
        made.block = block;
        made.index = made.sub = made.count = 0;
        made.marks = none;
        made.in_place = in_place;
        made.owns_marks = made.passes_marks_on = made.failed = made.keyword_failed = false;
        shallow_.take_step();
        if (p_.is_dynamic && s_.scope_uses[b.resource]++ == 0) {
            s_.scope.push_back(b.resource);
        }
        if constexpr (!quick) {
            auto const* const from = depth_ < 2 ? nullptr : &s_.frames[depth_ - 2];
            made.note = static_cast<std::uint32_t>(s_.notes.size());
            s_.notes.push_back({.instance = made.instance,
                                .parent = from == nullptr ? none : from->keyword_note,
                                .block = made.block,
                                .instruction = from == nullptr ? none : from->at,
                                .child = child,
                                .step = step,
                                .count = 0,
                                .is_keyword = false,
                                .valid = true});
        }
    }

    void pop(bool passed)
    {
        auto const& f = s_.frames[--depth_];
        if (p_.is_dynamic && --s_.scope_uses[p_.blocks[f.block].resource] == 0) {
            s_.scope.pop_back();
        }
        if (f.owns_marks) {
            if (passed && f.passes_marks_on) {
                auto const& into = top();
                for (std::size_t i = f.marks; i < s_.marks.size(); ++i) {
                    s_.marks[into.marks + (i - f.marks)] |= s_.marks[i];
                }
            }
            s_.marks.resize(f.marks);
        }
        if constexpr (!quick) {
            s_.notes[f.note].valid = passed;
            if (Track == tracking::errors && passed) {
                s_.notes.resize(f.note);
            }
        }
    }

    // ---- children

    /// Applies a block to a member or an element.
    HAIGA_ALWAYS_INLINE auto inside(std::uint32_t block, value const& v, std::uint32_t child,
                                    std::uint32_t step) -> action
    {
        auto const& b = p_.blocks[block];
        if constexpr (quick) {
            if (b.height != block::no_height) {
                return shallow_.holds(b, v) ? action::next : action::fail;
            }
            if (!has_type(v, b.types)) {
                return action::fail;
            }
        }
        push(v, block, child, step, 0);
        if (b.needs_marks) {
            give_marks(top(), b, nullptr, false);
        }
        return action::wait;
    }

    /// Applies a block to the frame's own value. optional: the frame may pass although it fails.
    auto in_place(frame& f, std::uint32_t block, std::uint32_t child, bool optional,
                  bool passes_on = true) -> action
    {
        auto const& b = p_.blocks[block];
        if constexpr (quick) {
            if (b.height != block::no_height) {
                return shallow_.holds(b, *f.instance) ? action::next : action::fail;
            }
            if (!has_type(*f.instance, b.types)) {
                return action::fail;
            }
        }
        auto const nested = f.in_place + 1;
        if (p_.is_dynamic && nested > (p_.blocks.size() + 1) * (p_.resources.size() + 1)) {
            judge_.stop({errc::invalid,
                         "schema: a dynamic reference applies a schema to the same value for ever",
                         {}});
        }
        bool const marked = f.marks != none;
        push(*f.instance, block, child, none, nested);
        if (marked || b.needs_marks) {
            auto& made = top();
            give_marks(made, b, marked ? &s_.frames[depth_ - 2] : nullptr, optional);
            made.passes_marks_on = made.owns_marks && marked && passes_on;
        }
        return action::wait;
    }

    // ---- marks

    void give_marks(frame& made, block const& b, frame const* from, bool optional)
    {
        if (from != nullptr && !optional && !b.needs_marks) {
            made.marks = from->marks;
            return;
        }
        if (from == nullptr && !b.needs_marks) {
            return;
        }
        std::size_t const size = made.instance->is_array()    ? made.instance->get_array().size()
                                 : made.instance->is_object() ? made.instance->get_object().size()
                                                              : 0;
        made.marks = static_cast<std::uint32_t>(s_.marks.size());
        made.owns_marks = true;
        s_.marks.resize(s_.marks.size() + (size + 63) / 64, 0);
    }

    void mark(frame const& f, std::size_t index)
    {
        if (f.marks != none) {
            s_.marks[f.marks + index / 64] |= std::uint64_t{1} << index % 64;
        }
    }
    [[nodiscard]] auto is_marked(frame const& f, std::size_t index) const -> bool
    {
        return (s_.marks[f.marks + index / 64] >> index % 64 & 1U) != 0;
    }

    // ---- instructions

    /// Goes on with a frame until it ends or waits.
    auto advance(frame& f, signal from) -> action
    {
        for (; f.at != f.end; ++f.at) {
            auto const& i = p_.code[f.at];
            if (i.op <= opcode::last_leaf) {
                bool const holds = judge_.holds(i, *f.instance);
                note_leaf(f, holds);
                if (quick && !holds) {
                    return action::fail;
                }
                f.failed = f.failed || !holds;
                continue;
            }
            if (from == signal::fresh) {
                open_note(f);
            }
            auto const after = apply(f, i, std::exchange(from, signal::fresh));
            if (after == action::wait || (quick && after == action::fail)) {
                return after;
            }
            close_note(f, after == action::next);
            f.failed = f.failed || after == action::fail;
            f.index = f.sub = f.count = 0;
            f.keyword_failed = false;
        }
        return f.failed ? action::fail : action::pass;
    }

    auto apply(frame& f, instruction const& i, signal from) -> action
    {
        switch (i.op) {
        case opcode::object: return object(f, p_.objects[i.a], from);
        case opcode::properties: return properties(f, p_.objects[i.a], from);
        case opcode::pattern_properties: return pattern_properties(f, p_.objects[i.a], from);
        case opcode::additional_properties: return additional(f, p_.objects[i.a], from);
        case opcode::property_names: return property_names(f, i, from);
        case opcode::prefix_items: return prefix_items(f, i, from);
        case opcode::items: return items(f, i, from);
        case opcode::contains: return contains(f, p_.contains[i.a], from);
        case opcode::call:
        case opcode::call_dynamic: return call(f, i, from);
        case opcode::all_of: return all_of(f, i, from);
        case opcode::choose: return choose(f, p_.choices[i.a], from);
        case opcode::any_of: return any_of(f, i, from);
        case opcode::one_of: return one_of(f, i, from);
        case opcode::negation: return negation(f, i, from);
        case opcode::conditional: return conditional(f, p_.conditionals[i.a], from);
        case opcode::dependent_schemas: return dependent_schemas(f, i, from);
        case opcode::unevaluated_items: return unevaluated_items(f, i, from);
        case opcode::unevaluated_properties: return unevaluated_properties(f, i, from);
        default: return action::next;
        }
    }

    /// For keywords all of whose blocks must hold: whether to go on after one.
    auto goes_on(frame& f, action after) -> bool
    {
        if constexpr (quick) {
            return after == action::next;
        }
        f.keyword_failed = f.keyword_failed || after == action::fail;
        return after != action::wait;
    }
    auto goes_on(frame& f, signal from) -> bool
    {
        return goes_on(f, from == signal::failed ? action::fail : action::next);
    }
    auto end_of(frame const& f) -> action { return f.keyword_failed ? action::fail : action::next; }

    // ---- objects

    auto object(frame& f, object_plan const& plan, signal from) -> action
    {
        auto const* const o = f.instance->if_object();
        if (o == nullptr) {
            return action::next;
        }
        if (from == signal::failed || o->size() < plan.least || o->size() > plan.most) {
            return action::fail;
        }
        return plan.pattern_count == 0 ? walk_members(f, plan, *o) : walk_matching(f, plan, *o);
    }

    /// Members by name; `sub` is the name that would come next if members came in its order.
    auto walk_members(frame& f, object_plan const& plan, boost::json::object const& o) -> action
    {
        auto const size = static_cast<std::uint32_t>(o.size());
        while (f.index < size) {
            auto const& member = o.begin()[f.index];
            auto const slot = plan.names.find(member.key(), f.sub, p_.names);
            auto block = plan.additional;
            if (slot != none) {
                auto const& own = p_.slots[plan.slots + slot];
                f.sub = slot + 1;
                f.count += own.required ? 1U : 0U;
                block = own.block != none ? own.block : block;
            }
            ++f.index;
            if (block == none) {
                continue;
            }
            mark(f, f.index - 1);
            if (auto const after = inside(block, member.value(), none, none);
                after != action::next) {
                return after;
            }
        }
        return f.count >= plan.required ? action::next : action::fail;
    }

    /// Members by name and by pattern; `sub` counts: the name, each pattern, additionalProperties.
    auto walk_matching(frame& f, object_plan const& plan, boost::json::object const& o) -> action
    {
        auto const size = static_cast<std::uint32_t>(o.size());
        for (; f.index < size; ++f.index, f.sub = 0) {
            auto const& member = o.begin()[f.index];
            while (f.sub < plan.pattern_count + 2) {
                auto const block = candidate(f, plan, member.key(), f.sub++);
                if (block == none) {
                    continue;
                }
                mark(f, f.index);
                if (auto const after = inside(block, member.value(), none, none);
                    after != action::next) {
                    return after;
                }
            }
        }
        return f.count >= plan.required ? action::next : action::fail;
    }

    auto candidate(frame& f, object_plan const& plan, std::string_view name, std::uint32_t which)
        -> std::uint32_t
    {
        if (which == 0) {
            auto const slot = plan.names.find(name, none, p_.names);
            auto const own = slot == none ? property_slot{} : p_.slots[plan.slots + slot];
            f.count += own.required ? 1U : 0U;
            f.matched = own.block != none;
            return own.block;
        }
        if (which > plan.pattern_count) {
            return f.matched ? none : plan.additional;
        }
        auto const& slot = p_.pattern_slots[plan.patterns + which - 1];
        if (!judge_.matches(slot.pattern, name)) {
            return none;
        }
        f.matched = true;
        return slot.block;
    }

    /// One keyword of a plan: pick gives a member's block, and which of the keyword's it is.
    template <class Pick>
    auto each_member(frame& f, signal from, Pick const& pick) -> action
    {
        auto const* const o = f.instance->if_object();
        if (o == nullptr) {
            return action::next;
        }
        bool going = goes_on(f, from);
        while (going && f.index < o->size()) {
            auto const at = f.index++;
            auto const& member = o->begin()[at];
            auto const [block, child] = pick(member.key(), at);
            if (block != none) {
                mark(f, at);
                auto const after = inside(block, member.value(), child, at);
                if (after == action::wait) {
                    return after;
                }
                going = goes_on(f, after);
            }
        }
        return going ? end_of(f) : action::fail;
    }

    using picked = std::pair<std::uint32_t, std::uint32_t>;

    auto own_block(object_plan const& plan, std::string_view name) const -> picked
    {
        auto const slot = plan.names.find(name, none, p_.names);
        return slot == none ? picked(none, none) : picked(p_.slots[plan.slots + slot].block, slot);
    }

    auto properties(frame& f, object_plan const& plan, signal from) -> action
    {
        return each_member(
            f, from, [&](std::string_view name, std::uint32_t) { return own_block(plan, name); });
    }

    auto additional(frame& f, object_plan const& plan, signal from) -> action
    {
        return each_member(f, from, [&](std::string_view name, std::uint32_t) {
            if (own_block(plan, name).first != none) {
                return picked(none, none);
            }
            for (std::uint32_t i = 0; i < plan.pattern_count; ++i) {
                if (judge_.matches(p_.pattern_slots[plan.patterns + i].pattern, name)) {
                    return picked(none, none);
                }
            }
            return picked(plan.additional, none);
        });
    }

    auto unevaluated_properties(frame& f, instruction const& i, signal from) -> action
    {
        return each_member(f, from, [&](std::string_view, std::uint32_t at) {
            return picked(is_marked(f, at) ? none : i.a, none);
        });
    }

    /// `sub` is the pattern, `index` the member.
    auto pattern_properties(frame& f, object_plan const& plan, signal from) -> action
    {
        auto const* const o = f.instance->if_object();
        if (o == nullptr) {
            return action::next;
        }
        bool going = goes_on(f, from);
        for (; going && f.index < o->size(); ++f.index, f.sub = 0) {
            auto const& member = o->begin()[f.index];
            while (going && f.sub < plan.pattern_count) {
                auto const which = f.sub++;
                auto const& slot = p_.pattern_slots[plan.patterns + which];
                if (judge_.matches(slot.pattern, member.key())) {
                    mark(f, f.index);
                    auto const after = inside(slot.block, member.value(), which, f.index);
                    if (after == action::wait) {
                        return after;
                    }
                    going = goes_on(f, after);
                }
            }
        }
        return going ? end_of(f) : action::fail;
    }

    auto property_names(frame& f, instruction const& i, signal from) -> action
    {
        auto const* const o = f.instance->if_object();
        if (o == nullptr) {
            return action::next;
        }
        bool going = goes_on(f, from);
        while (going && f.index < o->size()) {
            auto const name = o->begin()[f.index++].key();
            auto* where = &s_.name;
            if constexpr (!quick) {
                where = &s_.names.emplace_back(boost::json::string_kind);
            }
            where->get_string().assign(name);
            auto const after = inside(i.a, *where, none, none);
            if (after == action::wait) {
                return after;
            }
            going = goes_on(f, after);
        }
        return going ? end_of(f) : action::fail;
    }

    // ---- arrays

    template <class Pick>
    auto each_item(frame& f, signal from, std::size_t first, std::size_t end, Pick const& pick)
        -> action
    {
        auto const* const all = f.instance->if_array();
        if (all == nullptr) {
            return action::next;
        }
        bool going = goes_on(f, from);
        while (going && first + f.index < std::min(end, all->size())) {
            auto const at = static_cast<std::uint32_t>(first) + f.index++;
            auto const [block, child] = pick(at);
            if (block != none) {
                mark(f, at);
                auto const after = inside(block, (*all)[at], child, at);
                if (after == action::wait) {
                    return after;
                }
                going = goes_on(f, after);
            }
        }
        return going ? end_of(f) : action::fail;
    }

    auto prefix_items(frame& f, instruction const& i, signal from) -> action
    {
        return each_item(f, from, 0, i.b,
                         [&](std::uint32_t at) { return picked(p_.lists[i.a + at], at); });
    }

    auto items(frame& f, instruction const& i, signal from) -> action
    {
        return each_item(f, from, i.b, none, [&](std::uint32_t) { return picked(i.a, none); });
    }

    auto unevaluated_items(frame& f, instruction const& i, signal from) -> action
    {
        return each_item(f, from, 0, none, [&](std::uint32_t at) {
            return picked(is_marked(f, at) ? none : i.a, none);
        });
    }

    auto contains(frame& f, contains_plan const& plan, signal from) -> action
    {
        auto const* const all = f.instance->if_array();
        if (all == nullptr) {
            return action::next;
        }
        auto const note_match = [&](bool passed) {
            if (passed) {
                ++f.count;
                if (plan.marks) {
                    mark(f, f.index - 1);
                }
            }
        };
        if (from != signal::fresh) {
            note_match(from == signal::passed);
        }
        bool const ends_early = quick && f.marks == none;
        while (f.index < all->size()) {
            if (ends_early &&
                (f.count > plan.most || (f.count >= plan.least && plan.most == none))) {
                break;
            }
            auto const at = f.index++;
            auto const after = inside(plan.block, (*all)[at], none, at);
            if (after == action::wait) {
                return after;
            }
            note_match(after == action::next);
        }
        return f.count >= plan.least && f.count <= plan.most ? action::next : action::fail;
    }

    // ---- in place

    auto call(frame& f, instruction const& i, signal from) -> action
    {
        if (from != signal::fresh) {
            return from == signal::passed ? action::next : action::fail;
        }
        return instead(f, i.op == opcode::call ? i.a : dynamic_target(i), i.b);
    }

    /// Applies a block without which the frame fails; the frame's last one takes its place.
    auto instead(frame& f, std::uint32_t block, std::uint32_t child) -> action
    {
        if constexpr (quick) {
            auto const& b = p_.blocks[block];
            if (b.height != block::no_height) {
                return shallow_.holds(b, *f.instance) ? action::next : action::fail;
            }
            if (f.at + 1 == f.end && f.marks == none && !b.needs_marks && !p_.is_dynamic) {
                if (!has_type(*f.instance, b.types)) {
                    return action::fail;
                }
                f.at = b.fast - 1;
                f.end = b.fast_end;
                f.block = block;
                return action::next;
            }
        }
        return in_place(f, block, child, false);
    }

    auto choose(frame& f, choice_plan const& plan, signal from) -> action
    {
        if (from != signal::fresh) {
            return from == signal::passed ? action::next : action::fail;
        }
        auto const* const o = f.instance->if_object();
        auto const* const label = o == nullptr ? nullptr : o->if_contains(p_.names[plan.property]);
        auto const* const text = label == nullptr ? nullptr : label->if_string();
        auto const at = text == nullptr ? none : plan.texts.find(*text, none, p_.names);
        return at == none ? action::fail : instead(f, p_.lists[plan.blocks + at], none);
    }

    auto dynamic_target(instruction const& i) const -> std::uint32_t
    {
        for (auto const resource : s_.scope) {
            if (auto const found = find_dynamic_anchor(p_, i.b, resource); found != none) {
                return found;
            }
        }
        return i.a;
    }

    auto all_of(frame& f, instruction const& i, signal from) -> action
    {
        bool going = goes_on(f, from);
        while (going && f.index < i.b) {
            auto const at = f.index++;
            auto const after = in_place(f, p_.lists[i.a + at], at, false);
            if (after == action::wait) {
                return after;
            }
            going = goes_on(f, after);
        }
        return going ? end_of(f) : action::fail;
    }

    auto any_of(frame& f, instruction const& i, signal from) -> action
    {
        f.count += from == signal::passed ? 1U : 0U;
        bool const ends_early = Track != tracking::everything && f.marks == none;
        while (f.index < i.b && !(ends_early && f.count > 0)) {
            auto const at = f.index++;
            auto const after = in_place(f, p_.lists[i.a + at], at, true);
            if (after == action::wait) {
                return after;
            }
            f.count += after == action::next ? 1U : 0U;
        }
        return f.count > 0 ? action::next : action::fail;
    }

    auto one_of(frame& f, instruction const& i, signal from) -> action
    {
        f.count += from == signal::passed ? 1U : 0U;
        while (f.index < i.b && !(quick && f.count > 1)) {
            auto const at = f.index++;
            auto const after = in_place(f, p_.lists[i.a + at], at, true);
            if (after == action::wait) {
                return after;
            }
            f.count += after == action::next ? 1U : 0U;
        }
        return f.count == 1 ? action::next : action::fail;
    }

    auto negation(frame& f, instruction const& i, signal from) -> action
    {
        if (from != signal::fresh) {
            return from == signal::failed ? action::next : action::fail;
        }
        auto const after = in_place(f, i.a, none, true, false);
        return after == action::wait ? after : after == action::fail ? action::next : action::fail;
    }

    /// `sub`: 0 the condition is to be asked, 1 it is being asked, 2 a branch has been chosen.
    auto conditional(frame& f, conditional_plan const& plan, signal from) -> action
    {
        auto after = from == signal::passed ? action::next : action::fail;
        if (f.sub == 0) {
            if (quick && f.marks == none && plan.consequent == none && plan.alternative == none) {
                return action::next;
            }
            f.sub = 1;
            after = in_place(f, plan.condition, 0, true);
            if (after == action::wait) {
                return after;
            }
        }
        if (f.sub == 2) {
            return after;
        }
        f.sub = 2;
        bool const held = after == action::next;
        auto const branch = held ? plan.consequent : plan.alternative;
        return branch == none ? action::next : in_place(f, branch, held ? 1 : 2, false);
    }

    auto dependent_schemas(frame& f, instruction const& i, signal from) -> action
    {
        auto const* const o = f.instance->if_object();
        if (o == nullptr) {
            return action::next;
        }
        bool going = goes_on(f, from);
        while (going && f.index < i.b) {
            auto const at = f.index++;
            auto const& one = p_.dependents[i.a + at];
            if (o->contains(p_.names[one.name])) {
                auto const after = in_place(f, one.block, at, false);
                if (after == action::wait) {
                    return after;
                }
                going = goes_on(f, after);
            }
        }
        return going ? end_of(f) : action::fail;
    }

    // ---- notes

    void note_leaf(frame const& f, bool holds)
    {
        if constexpr (!quick) {
            if (!holds || Track == tracking::everything) {
                add_note(f);
                s_.notes.back().valid = holds;
            }
        }
    }

    void open_note(frame& f)
    {
        if constexpr (!quick) {
            f.keyword_note = static_cast<std::uint32_t>(s_.notes.size());
            add_note(f);
        }
    }

    void close_note(frame const& f, bool holds)
    {
        if constexpr (!quick) {
            s_.notes[f.keyword_note].valid = holds;
            s_.notes[f.keyword_note].count = f.count;
            if (Track == tracking::errors && holds) {
                s_.notes.resize(f.keyword_note);
            }
        }
    }

    void add_note(frame const& f)
    {
        s_.notes.push_back({.instance = f.instance,
                            .parent = f.note,
                            .block = f.block,
                            .instruction = f.at,
                            .child = none,
                            .step = none,
                            .count = 0,
                            .is_keyword = true,
                            .valid = true});
    }

    program const& p_;
    evaluation_scratch& s_;
    shallow_judge shallow_;
    assertions& judge_;
    std::size_t depth_ = 0; ///< frames in use
};

} // namespace detail
} // namespace haiga::schema
