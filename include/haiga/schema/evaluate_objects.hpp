#pragma once

#include "haiga/schema/evaluate_arrays.hpp"

namespace haiga::schema::detail {

/// Keywords that apply schemas to members and their names.
template <tracking Track>
class object_keywords : public array_keywords<Track> {
protected:
    using base = array_keywords<Track>;
    using base::base;
    using base::end_of;
    using base::goes_on;
    using base::inside;
    using base::is_marked;
    using base::judge_;
    using base::mark;
    using base::p_;
    using base::quick;
    using base::s_;
    using typename base::action;
    using typename base::frame;
    using typename base::picked;
    using typename base::signal;

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
};

} // namespace haiga::schema::detail
