#pragma once

#include "haiga/schema/program.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace haiga::schema::detail {

/// Fast code that does nothing but call another block becomes that block's.
inline void follow_calls(program& p)
{
    auto const next = [&](std::uint32_t at) {
        auto const& b = p.blocks[at];
        bool const calls = !b.needs_marks && b.fast_end - b.fast == 1 &&
                           p.code[b.fast].op == opcode::call &&
                           !p.blocks[p.code[b.fast].a].needs_marks;
        return calls ? p.code[b.fast].a : none;
    };
    std::vector<std::uint32_t> chain;
    for (std::uint32_t i = 0; !p.is_dynamic && i < p.blocks.size(); ++i) {
        chain.clear();
        for (auto at = i; next(at) != none; at = next(at)) {
            chain.push_back(at);
        }
        for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
            auto& b = p.blocks[*at];
            auto const& to = p.blocks[next(*at)];
            b.types = static_cast<type_mask>(b.types & to.types);
            b.height = to.height;
            b.fast = to.fast;
            b.fast_end = to.fast_end;
        }
    }
}

/// The texts that a block allows, if it allows texts alone and they are listed.
inline auto texts_of(program const& p, std::uint32_t which) -> std::vector<std::string_view>
{
    auto const& b = p.blocks[which];
    std::vector<std::string_view> texts;
    if (b.fast_end - b.fast != 1) {
        return texts;
    }
    auto const& i = p.code[b.fast];
    if (i.op == opcode::constant && p.values[i.a].is_string()) {
        texts.emplace_back(p.values[i.a].get_string());
    } else if (i.op == opcode::enumeration && p.enumerations[i.a].only_strings) {
        auto const& table = p.enumerations[i.a].strings;
        for (std::uint32_t k = 0; k < table.count; ++k) {
            texts.push_back(p.names[table.begin + k]);
        }
    }
    return texts;
}

/// The plan of a branch that only objects can pass.
inline auto plan_of_branch(program const& p, std::uint32_t which) -> object_plan const*
{
    auto const& b = p.blocks[which];
    if (b.types != type_mask{1U << static_cast<unsigned>(boost::json::kind::object)}) {
        return nullptr;
    }
    for (auto i = b.fast; i < b.fast_end; ++i) {
        if (p.code[i].op == opcode::object) {
            return &p.objects[p.code[i].a];
        }
    }
    return nullptr;
}

struct labelled_branch {
    std::string_view text;
    std::uint32_t block;
};

/// The texts by which a property, required in every branch, tells the branches apart.
inline auto label_branches(program const& p, std::span<std::uint32_t const> branches,
                           std::string_view property) -> std::vector<labelled_branch>
{
    std::vector<labelled_branch> labels;
    for (auto const branch : branches) {
        auto const* const plan = plan_of_branch(p, branch);
        auto const slot = plan == nullptr ? none : plan->names.find(property, none, p.names);
        if (slot == none || !p.slots[plan->slots + slot].required ||
            p.slots[plan->slots + slot].block == none) {
            return {};
        }
        auto const texts = texts_of(p, p.slots[plan->slots + slot].block);
        if (texts.empty()) {
            return {};
        }
        for (auto const text : texts) {
            labels.push_back({text, branch});
        }
    }
    auto const by_text = [](auto const& a, auto const& b) { return a.text < b.text; };
    std::sort(labels.begin(), labels.end(), by_text);
    auto const same = [](auto const& a, auto const& b) { return a.text == b.text; };
    return std::adjacent_find(labels.begin(), labels.end(), same) == labels.end()
               ? labels
               : std::vector<labelled_branch>();
}

/// Turns an any_of or one_of into a choose, where one property decides.
inline void fuse_choice(program& p, instruction& i)
{
    std::vector<std::uint32_t> const branches(p.lists.begin() + i.a, p.lists.begin() + i.a + i.b);
    auto const* const first = branches.size() < 2 ? nullptr : plan_of_branch(p, branches[0]);
    for (std::uint32_t k = 0; first != nullptr && k < std::min(first->names.count, 16U); ++k) {
        auto const labels = label_branches(p, branches, p.names[first->names.begin + k]);
        if (labels.empty()) {
            continue;
        }
        choice_plan plan;
        plan.property = first->names.begin + k;
        plan.blocks = static_cast<std::uint32_t>(p.lists.size());
        std::vector<std::string> const texts = [&] { // names move while they are added
            std::vector<std::string> copies;
            for (auto const& label : labels) {
                copies.emplace_back(label.text);
            }
            return copies;
        }();
        for (std::size_t n = 0; n < labels.size(); ++n) {
            p.names.add(texts[n]);
            p.lists.push_back(labels[n].block);
        }
        plan.texts = name_table::of_last(static_cast<std::uint32_t>(labels.size()), p.names);
        i = {opcode::choose, i.word, static_cast<std::uint32_t>(p.choices.size()), i.b};
        p.choices.push_back(plan);
        return;
    }
}

/// Gives visit the blocks that an instruction of fast code applies.
template <class Visit>
void for_each_applied(program const& p, instruction const& i, Visit const& visit)
{
    auto const visit_list = [&](std::uint32_t first, std::uint32_t count) {
        for (auto const index : std::span(p.lists).subspan(first, count)) {
            visit(index);
        }
    };
    switch (i.op) {
    case opcode::object: {
        auto const& plan = p.objects[i.a];
        for (auto const& slot : std::span(p.slots).subspan(plan.slots, plan.names.count)) {
            visit(slot.block);
        }
        for (auto const& slot :
             std::span(p.pattern_slots).subspan(plan.patterns, plan.pattern_count)) {
            visit(slot.block);
        }
        return visit(plan.additional);
    }
    case opcode::prefix_items:
    case opcode::any_of:
    case opcode::one_of: return visit_list(i.a, i.b);
    case opcode::choose: return visit_list(p.choices[i.a].blocks, p.choices[i.a].texts.count);
    case opcode::contains: return visit(p.contains[i.a].block);
    case opcode::conditional: {
        auto const& plan = p.conditionals[i.a];
        visit(plan.condition);
        visit(plan.consequent);
        return visit(plan.alternative);
    }
    case opcode::dependent_schemas:
        for (auto const& one : std::span(p.dependents).subspan(i.a, i.b)) {
            visit(one.block);
        }
        return;
    default: visit(i.a); // property_names, items, call, negation
    }
}

/// Gives blocks their heights, the lowest first.
inline void find_heights(program& p)
{
    bool going = !p.needs_marks && !p.is_dynamic;
    for (std::uint8_t height = 1; going && height <= block::most_height; ++height) {
        going = false;
        for (auto& b : p.blocks) {
            bool known = b.height == block::no_height;
            for (auto i = b.fast; known && i < b.fast_end; ++i) {
                if (p.code[i].op > opcode::last_leaf) {
                    for_each_applied(p, p.code[i], [&](std::uint32_t index) {
                        known = known && (index == none || p.blocks[index].height < height);
                    });
                }
            }
            if (known) {
                b.height = height;
                going = true;
            }
        }
    }
}

/// What can be made faster only when all blocks are there.
inline void link(program& p)
{
    follow_calls(p);
    for (auto const& b : p.blocks) {
        for (auto i = b.fast; i < b.fast_end; ++i) {
            if (p.code[i].op == opcode::any_of || p.code[i].op == opcode::one_of) {
                fuse_choice(p, p.code[i]);
            }
        }
    }
    find_heights(p);
}

} // namespace haiga::schema::detail
