#pragma once

#include "haiga/schema/assertions.hpp"

#include <algorithm>

namespace haiga::schema::detail {

/// Verdicts by blocks of little height, as tools have them: by plain calls, never more of them in
/// one another than block::most_height.
class shallow_judge {
    using value = boost::json::value;

public:
    shallow_judge(program const& p, evaluation_scratch& scratch, std::uint64_t steps)
        : p_(p), scratch_(scratch), judge_(p, scratch), steps_left_(steps)
    {
    }

    /// b.height is known.
    HAIGA_ALWAYS_INLINE auto holds(block const& b, value const& v) -> bool
    {
        return has_type(v, b.types) && (b.fast == b.fast_end || all_hold(b, v));
    }

    /// Counts a schema that is applied to a value; false where there have been too many.
    auto take_step() -> bool
    {
        if (steps_left_ == 0) {
            judge_.stop(
                {errc::too_large, "schema: evaluation takes more steps than are allowed", {}});
            return false;
        }
        --steps_left_;
        return true;
    }

    [[nodiscard]] auto assertions() -> detail::assertions& { return judge_; }

private:
    [[gnu::noinline]] auto all_hold(block const& b, value const& v) -> bool
    {
        for (auto i = b.fast; i != b.fast_end; ++i) {
            auto const& at = p_.code[i];
            if (!(at.op <= opcode::last_leaf ? judge_.holds(at, v) : applies(at, v))) {
                return false;
            }
        }
        return true;
    }

    auto holds(std::uint32_t which, value const& v) -> bool { return holds(p_.blocks[which], v); }

    [[gnu::noinline]] auto applies(instruction const& i, value const& v) -> bool
    {
        if (!take_step()) {
            return false;
        }
        if (auto const* const object = v.if_object()) {
            return applies_to_object(i, *object, v);
        }
        if (auto const* const items = v.if_array()) {
            return applies_to_array(i, *items, v);
        }
        return i.op == opcode::choose ? false : applies_in_place(i, v);
    }

    auto applies_to_object(instruction const& i, boost::json::object const& o, value const& v)
        -> bool
    {
        switch (i.op) {
        case opcode::object: return members_hold(p_.objects[i.a], o);
        case opcode::property_names: return names_hold(p_.blocks[i.a], o);
        case opcode::dependent_schemas: {
            auto const all = std::span(p_.dependents).subspan(i.a, i.b);
            return std::all_of(all.begin(), all.end(), [&](dependent const& one) {
                return !o.contains(p_.names[one.name]) || holds(one.block, v);
            });
        }
        case opcode::choose: {
            auto const& plan = p_.choices[i.a];
            auto const* const label = o.if_contains(p_.names[plan.property]);
            auto const* const text = label == nullptr ? nullptr : label->if_string();
            auto const at = text == nullptr ? none : plan.texts.find(*text, none, p_.names);
            return at != none && holds(p_.lists[plan.blocks + at], v);
        }
        default: return applies_in_place(i, v);
        }
    }

    auto members_hold(object_plan const& plan, boost::json::object const& o) -> bool
    {
        if (o.size() < plan.least || o.size() > plan.most) {
            return false;
        }
        std::uint32_t likely = 0;
        std::uint32_t required = 0;
        for (auto const& member : o) {
            auto const name = member.key();
            auto const slot = plan.names.find(name, likely, p_.names);
            auto block = none;
            if (slot != none) {
                auto const& own = p_.slots[plan.slots + slot];
                likely = slot + 1;
                required += own.required ? 1U : 0U;
                block = own.block;
            }
            bool matched = block != none;
            if (matched && !holds(block, member.value())) {
                return false;
            }
            for (std::uint32_t k = 0; k < plan.pattern_count; ++k) {
                auto const& pattern = p_.pattern_slots[plan.patterns + k];
                if (judge_.matches(pattern.pattern, name)) {
                    matched = true;
                    if (!holds(pattern.block, member.value())) {
                        return false;
                    }
                }
            }
            if (!matched && plan.additional != none && !holds(plan.additional, member.value())) {
                return false;
            }
        }
        return required >= plan.required;
    }

    auto names_hold(block const& b, boost::json::object const& o) -> bool
    {
        return std::all_of(o.begin(), o.end(), [&](auto const& member) {
            scratch_.name.get_string().assign(member.key());
            return holds(b, scratch_.name);
        });
    }

    auto applies_to_array(instruction const& i, boost::json::array const& items, value const& v)
        -> bool
    {
        switch (i.op) {
        case opcode::items: {
            auto const& b = p_.blocks[i.a];
            for (std::size_t k = i.b; k < items.size(); ++k) {
                if (!holds(b, items[k])) {
                    return false;
                }
            }
            return true;
        }
        case opcode::prefix_items:
            for (std::uint32_t k = 0; k < std::min<std::size_t>(i.b, items.size()); ++k) {
                if (!holds(p_.lists[i.a + k], items[k])) {
                    return false;
                }
            }
            return true;
        case opcode::contains: {
            auto const& plan = p_.contains[i.a];
            std::uint32_t count = 0;
            for (auto const& item : items) {
                if (count > plan.most || (count >= plan.least && plan.most == none)) {
                    break;
                }
                count += holds(plan.block, item) ? 1U : 0U;
            }
            return count >= plan.least && count <= plan.most;
        }
        case opcode::choose: return false;
        default: return applies_in_place(i, v);
        }
    }

    /// Keywords that look at any value; those of objects and arrays hold of others.
    auto applies_in_place(instruction const& i, value const& v) -> bool
    {
        switch (i.op) {
        case opcode::call: return holds(i.a, v);
        case opcode::any_of: {
            auto const all = std::span(p_.lists).subspan(i.a, i.b);
            return std::any_of(all.begin(), all.end(),
                               [&](std::uint32_t which) { return holds(which, v); });
        }
        case opcode::one_of: {
            std::uint32_t count = 0;
            for (std::uint32_t k = 0; k < i.b && count < 2; ++k) {
                count += holds(p_.lists[i.a + k], v) ? 1U : 0U;
            }
            return count == 1;
        }
        case opcode::negation: return !holds(i.a, v);
        case opcode::conditional: {
            auto const& plan = p_.conditionals[i.a];
            auto const branch = holds(plan.condition, v) ? plan.consequent : plan.alternative;
            return branch == none || holds(branch, v);
        }
        default: return true;
        }
    }

    program const& p_;
    evaluation_scratch& scratch_;
    detail::assertions judge_;
    std::uint64_t steps_left_;
};

} // namespace haiga::schema::detail
