#pragma once

#include "haiga/base/result.hpp"
#include "haiga/schema/program.hpp"

#include <span>
#include <vector>

namespace haiga::schema::detail {

/// Gives visit the blocks that a block applies to its own instance, but for what dynamic references
/// lead to.
template <class Visit>
void for_each_in_place(program const& p, block const& b, Visit const& visit)
{
    auto const visit_if = [&](std::uint32_t index) {
        if (index != none) {
            visit(index);
        }
    };
    for (auto i = b.full; i < b.full_end; ++i) {
        auto const& at = p.code[i];
        switch (at.op) {
        case opcode::call:
        case opcode::negation: visit(at.a); break;
        case opcode::all_of:
        case opcode::any_of:
        case opcode::one_of:
            for (auto const index : std::span(p.lists).subspan(at.a, at.b)) {
                visit(index);
            }
            break;
        case opcode::conditional:
            visit(p.conditionals[at.a].condition);
            visit_if(p.conditionals[at.a].consequent);
            visit_if(p.conditionals[at.a].alternative);
            break;
        case opcode::dependent_schemas:
            for (auto const& one : std::span(p.dependents).subspan(at.a, at.b)) {
                visit(one.block);
            }
            break;
        default: break;
        }
    }
}

/// Refuses schemas that apply themselves to the same instance: they would never come to an end.
/// Errors: invalid, naming one of them.
inline auto check_circles(program const& p) -> result<>
{
    enum class state : std::uint8_t { unseen, open, done };
    std::vector<state> states(p.blocks.size(), state::unseen);
    std::vector<std::uint32_t> left;
    for (std::uint32_t root = 0; root < p.blocks.size(); ++root) {
        left.assign(1, root);
        while (!left.empty()) {
            auto const at = left.back();
            if (states[at] != state::unseen) {
                states[at] = state::done;
                left.pop_back();
                continue;
            }
            states[at] = state::open;
            auto circle = none;
            for_each_in_place(p, p.blocks[at], [&](std::uint32_t next) {
                if (states[next] == state::open) {
                    circle = next;
                } else if (states[next] == state::unseen) {
                    left.push_back(next);
                }
            });
            if (circle != none) {
                return fail(errc::invalid, "schema at ", absolute_location(p, circle),
                            " applies itself to the same value, for ever");
            }
        }
    }
    return {};
}

} // namespace haiga::schema::detail
