#pragma once

#include "haiga/schema/report.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace haiga::schema {

namespace detail {

/// Chooses, of what anyOf and oneOf tried, the branch that the value comes nearest to: the least
/// sum over what is wrong in it. A value of another type is furthest, then one with another
/// constant, such as the name of a variant.
class nearest_branches {
public:
    explicit nearest_branches(report const& notes)
        : wrong_(notes.wrong()), cost_(notes.size(), 0), best_(notes.size(), none)
    {
        for (auto n = notes.size(); n-- > 0;) {
            if (!wrong_[n]) {
                continue;
            }
            auto const choice = notes[n].is_keyword && is_choice(notes, n);
            if (notes.is_own_error(n) && !choice) {
                cost_[n] = own_cost(notes.code(n).op);
            } else if (choice) {
                cost_[n] = best_[n] == none ? 1 : cost_[best_[n]];
            }
            add_to_parent(notes, n);
        }
    }

    /// The notes to tell: wrong, and not in a branch that another one is nearer than.
    [[nodiscard]] auto shown(report const& notes) const -> std::vector<bool>
    {
        auto all = wrong_;
        for (std::uint32_t n = 0; n < notes.size(); ++n) {
            auto const parent = notes[n].parent;
            if (parent != none) {
                all[n] = all[n] && all[parent] && (best_[parent] == none || best_[parent] == n);
            }
        }
        return all;
    }

    [[nodiscard]] auto best(std::uint32_t n) const -> std::uint32_t { return best_[n]; }

private:
    static auto is_choice(report const& notes, std::uint32_t n) -> bool
    {
        auto const op = notes.code(n).op;
        return op == opcode::any_of || op == opcode::one_of;
    }

    static auto own_cost(opcode op) -> std::uint64_t
    {
        switch (op) {
        case opcode::never: return 20;
        case opcode::types: return other_type;
        case opcode::constant:
        case opcode::enumeration: return 100;
        default: return 10;
        }
    }

    void add_to_parent(report const& notes, std::uint32_t n)
    {
        auto const parent = notes[n].parent;
        if (parent == none) {
            return;
        }
        if (notes[parent].is_keyword && is_choice(notes, parent)) {
            auto& best = best_[parent]; // the first of equals: notes come from the last
            best = best == none || cost_[n] <= cost_[best] ? n : best;
        } else {
            cost_[parent] += notes[n].step == none ? cost_[n] : cost_within(cost_[n]);
        }
    }

    /// What is wrong in a member weighs less than what is wrong with the value itself, and a
    /// member's type less than its being another constant.
    static auto cost_within(std::uint64_t cost) -> std::uint64_t
    {
        return cost >= other_type ? 20 : std::max<std::uint64_t>(cost / 2, 1);
    }

    static constexpr std::uint64_t other_type = 1000;

    std::vector<bool> wrong_;
    std::vector<std::uint64_t> cost_;
    std::vector<std::uint32_t> best_;
};

} // namespace detail

/// What is wrong, in lines that a model can act on: where, what was expected, what was found; of
/// anyOf and oneOf the branch that came nearest. Empty where nothing is wrong.
inline auto repair_message(report const& notes, std::size_t most = 8) -> std::string
{
    detail::nearest_branches const nearest(notes);
    auto const shown = nearest.shown(notes);
    std::string text;
    std::size_t told = 0;
    std::size_t left_out = 0;
    for (std::uint32_t n = 0; n < notes.size(); ++n) {
        if (!shown[n] || !notes.is_own_error(n)) {
            continue;
        }
        auto const branch = nearest.best(n);
        if (told == most) {
            left_out += branch == none ? 1U : 0U;
            continue;
        }
        auto const place = notes.instance_location(n);
        auto const what = notes.describe_at(n);
        text += concat("- at ", place.empty() ? "the root" : place, ": expected ", what.expected,
                       ", found ", what.found);
        if (branch != none) {
            text += concat("; nearest is ", notes.step_path(branch), ", where:\n");
            continue;
        }
        text += '\n';
        ++told;
    }
    return left_out == 0 ? text : concat(text, "- and ", left_out, " more\n");
}

} // namespace haiga::schema
