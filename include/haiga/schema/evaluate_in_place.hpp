#pragma once

#include "haiga/schema/evaluation_stack.hpp"

namespace haiga::schema::detail {

/// Keywords that apply schemas to the value itself.
template <tracking Track>
class in_place_keywords : public evaluation_stack<Track> {
protected:
    using base = evaluation_stack<Track>;
    using base::base;
    using base::end_of;
    using base::goes_on;
    using base::in_place;
    using base::p_;
    using base::quick;
    using base::s_;
    using base::shallow_;
    using typename base::action;
    using typename base::frame;
    using typename base::picked;
    using typename base::signal;

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
};

} // namespace haiga::schema::detail
