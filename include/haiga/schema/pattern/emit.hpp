#pragma once

#include "haiga/base/result.hpp"
#include "haiga/schema/pattern/limits.hpp"
#include "haiga/schema/pattern/program.hpp"
#include "haiga/schema/pattern/syntax_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace haiga::schema::regex {

/// How a program is run.
enum class engine : std::uint8_t {
    threads,      ///< all ways at once: no groups, looks apart
    backtracking, ///< one way after the other: groups, and looks in place
};

/// Turns a tree into a program, without recursion. A look ahead is run from the end of the text to
/// its beginning by `threads`, so what it holds is emitted backward; so is what a look behind holds
/// for `backtracking`.
class emitter {
public:
    emitter(syntax_tree const& tree, engine how, std::size_t max_instructions)
        : tree_(tree), how_(how), most_(std::max<std::size_t>(max_instructions, 1))
    {
        program_.registers = 2 * (tree.groups + 1);
    }

    auto run() -> result<program>
    {
        emit_section(tree_.root, false);
        for (std::size_t i = 0; i < waiting_.size() && !too_large_; ++i) {
            auto const [child, behind] = waiting_[i];
            program_.looks[i] = {here(), behind};
            emit_section(child, !behind);
        }
        if (too_large_) {
            return fail(errc::too_large, "pattern: takes more than ", most_,
                        " instructions; counts such as {1000} multiply what they stand behind");
        }
        program_.sets = tree_.sets;
        return std::move(program_);
    }

private:
    enum class step : std::uint8_t {
        visit,
        begin_alternative,
        end_alternative,
        last_alternative,
        end_group,
        end_repeat,
        end_look,
    };
    struct task {
        step what;
        bool backward;
        std::uint32_t node;
    };
    struct waiting_look {
        std::uint32_t child;
        bool behind;
    };
    /// What is needed again behind a part: where it began, and jumps that wait for its end.
    struct open_part {
        std::uint32_t start;
        std::uint32_t split = no_node;
        std::uint32_t jumps = no_node;
        std::uint32_t unit = 0;
        std::uint32_t loop = 0;
    };

    [[nodiscard]] auto here() const -> std::uint32_t
    {
        return static_cast<std::uint32_t>(program_.code.size());
    }
    [[nodiscard]] auto backtracks() const -> bool { return how_ == engine::backtracking; }

    auto add(instruction i) -> std::uint32_t
    {
        too_large_ = too_large_ || program_.code.size() >= most_;
        if (!too_large_) {
            program_.code.push_back(i);
        }
        return here() - 1;
    }

    static auto distance(std::uint32_t from, std::uint32_t to) -> std::int32_t
    {
        return static_cast<std::int32_t>(to) - static_cast<std::int32_t>(from);
    }

    void emit_section(std::uint32_t root, bool backward)
    {
        tasks_.push_back({step::visit, backward, root});
        while (!tasks_.empty() && !too_large_) {
            auto const next = tasks_.back();
            tasks_.pop_back();
            perform(next);
        }
        add({.op = opcode::match});
    }

    void perform(task const& t)
    {
        auto const& n = tree_.nodes[t.node];
        switch (t.what) {
        case step::visit: visit(n, t); break;
        case step::begin_alternative: open_.back().split = add({.op = opcode::split}); break;
        case step::end_alternative: end_alternative(); break;
        case step::last_alternative: last_alternative(); break;
        case step::end_group: add(saving(n, !t.backward)); break;
        case step::end_repeat: end_repeat(n); break;
        case step::end_look:
            add({.op = opcode::look_end});
            program_.code[open_.back().start].offset = distance(open_.back().start, here());
            open_.pop_back();
            break;
        }
    }

    void visit(node const& n, task const& t)
    {
        switch (n.kind) {
        case node_kind::character:
            add({.op = opcode::character, .backward = t.backward, .number = n.first_number});
            break;
        case node_kind::set:
            add({.op = opcode::set, .backward = t.backward, .number = n.first_number});
            break;
        case node_kind::sequence: visit_sequence(n, t); break;
        case node_kind::alternatives: visit_alternatives(n, t); break;
        case node_kind::group:
            if (backtracks()) {
                add(saving(n, t.backward));
                tasks_.push_back({step::end_group, t.backward, t.node});
            }
            tasks_.push_back({step::visit, t.backward, n.child});
            break;
        case node_kind::repeat: visit_repeat(n, t); break;
        case node_kind::text_begin: add({.op = opcode::text_begin}); break;
        case node_kind::text_end: add({.op = opcode::text_end}); break;
        case node_kind::word_boundary: add({.op = opcode::word_boundary, .flag = n.negated}); break;
        case node_kind::look: visit_look(n, t); break;
        case node_kind::reference:
            add({.op = opcode::reference, .backward = t.backward, .number = n.first_number});
            break;
        }
    }

    static auto saving(node const& group, bool end) -> instruction
    {
        return {.op = opcode::save, .number = 2 * group.first_number + (end ? 1U : 0U)};
    }

    void visit_sequence(node const& n, task const& t)
    {
        auto const first = tasks_.size();
        for (auto child = n.child; child != no_node; child = tree_.nodes[child].next) {
            tasks_.push_back({step::visit, t.backward, child});
        }
        if (!t.backward) { // the last task is the next
            std::reverse(tasks_.begin() + static_cast<std::ptrdiff_t>(first), tasks_.end());
        }
    }

    void visit_alternatives(node const& n, task const& t)
    {
        if (n.child == n.last_child) {
            tasks_.push_back({step::visit, t.backward, n.child});
            return;
        }
        open_.push_back({here()});
        auto const first = tasks_.size();
        for (auto child = n.child; child != no_node; child = tree_.nodes[child].next) {
            bool const is_last = child == n.last_child;
            if (!is_last) {
                tasks_.push_back({step::begin_alternative, false, child});
            }
            tasks_.push_back({step::visit, t.backward, child});
            tasks_.push_back(
                {is_last ? step::last_alternative : step::end_alternative, false, child});
        }
        std::reverse(tasks_.begin() + static_cast<std::ptrdiff_t>(first), tasks_.end());
    }

    void end_alternative()
    {
        auto& part = open_.back();
        // Until its place is known, a jump to the end tells of the one before.
        part.jumps = add({.op = opcode::jump, .number = part.jumps});
        program_.code[part.split].offset = distance(part.split, here());
    }

    void last_alternative()
    {
        for (auto jump = open_.back().jumps; jump != no_node;) {
            auto& i = program_.code[jump];
            i.offset = distance(jump, here());
            jump = std::exchange(i.number, 0);
        }
        open_.pop_back();
    }

    void visit_look(node const& n, task const& t)
    {
        if (backtracks()) {
            open_.push_back({add({.op = opcode::look_begin, .flag = n.negated})});
            tasks_.push_back({step::end_look, false, t.node});
            tasks_.push_back({step::visit, n.behind, n.child});
            return;
        }
        add({.op = opcode::look,
             .flag = n.negated,
             .number = static_cast<std::uint32_t>(waiting_.size())});
        waiting_.push_back({n.child, n.behind});
        program_.looks.emplace_back();
    }

    void visit_repeat(node const& n, task const& t)
    {
        if (n.second_number == 0) {
            return;
        }
        open_part part{here()};
        if (n.first_number == 0) {
            part.split = add({.op = opcode::split, .flag = n.lazy});
        }
        part.unit = here();
        if (backtracks()) {
            if (n.groups_after > n.groups_before) {
                add({.op = opcode::forget,
                     .number = 2 * (n.groups_before + 1),
                     .offset = distance(2 * n.groups_before, 2 * n.groups_after)});
            }
            part.loop = program_.registers++;
            add({.op = opcode::loop, .number = part.loop});
        }
        open_.push_back(part);
        tasks_.push_back({step::end_repeat, t.backward, t.node});
        tasks_.push_back({step::visit, t.backward, n.child});
    }

    /// One iteration is there, from part.unit on; what follows are copies of it.
    void end_repeat(node const& n)
    {
        auto const part = open_.back();
        open_.pop_back();
        if (here() == part.unit) { // takes nothing, however often
            program_.code.resize(part.start);
            return;
        }
        if (backtracks()) {
            add({.op = opcode::loop_end, .flag = n.first_number == 0, .number = part.loop});
        }
        if (too_large_) {
            return;
        }
        unit_length_ = here() - part.unit;
        unit_.clear();
        bool const is_copied = n.first_number > 1 ||
                               (n.second_number > 1 && n.second_number != unbounded) ||
                               (n.first_number == 1 && backtracks());
        if (is_copied) {
            unit_.assign(program_.code.begin() + part.unit, program_.code.end());
        }
        if (n.first_number == 0) {
            end_optional(n, part);
        } else {
            end_required(n);
        }
    }

    void end_optional(node const& n, open_part const& part)
    {
        if (n.second_number == unbounded) {
            add({.op = opcode::jump, .offset = distance(here(), part.start)});
            program_.code[part.split].offset = distance(part.split, here());
            return;
        }
        add_optional_units(n, n.second_number - 1);
        aim_splits(part.start);
    }

    void end_required(node const& n)
    {
        for (std::uint32_t i = 1; i < n.first_number && !too_large_; ++i) {
            add_unit(false);
        }
        if (too_large_) {
            return;
        }
        auto const first = here();
        if (n.second_number != unbounded) {
            add_optional_units(n, n.second_number - n.first_number);
            aim_splits(first);
        } else if (!backtracks()) {
            add({.op = opcode::split, .offset = distance(unit_length_, 0)});
        } else {
            add({.op = opcode::split, .flag = n.lazy});
            add_unit(true);
            if (!too_large_) {
                add({.op = opcode::jump, .offset = distance(here(), first)});
                program_.code[first].offset = distance(first, here());
            }
        }
    }

    /// Their splits still have no offsets.
    void add_optional_units(node const& n, std::uint32_t count)
    {
        for (std::uint32_t i = 0; i < count && !too_large_; ++i) {
            add({.op = opcode::split, .flag = n.lazy});
            add_unit(true);
        }
    }

    /// Those before optional units, from the first on, end behind the last unit.
    void aim_splits(std::uint32_t first)
    {
        auto const length = unit_length_ + 1;
        for (auto split = first; split < here() && !too_large_; split += length) {
            program_.code[split].offset = distance(split, here());
        }
    }

    void add_unit(bool checked)
    {
        too_large_ = too_large_ || unit_.size() > most_ - program_.code.size();
        if (!too_large_) {
            program_.code.insert(program_.code.end(), unit_.begin(), unit_.end());
            if (backtracks()) {
                program_.code.back().flag = checked;
            }
        }
    }

    syntax_tree const& tree_;
    engine how_;
    std::size_t most_;
    bool too_large_ = false;
    program program_;
    std::vector<task> tasks_;
    std::vector<open_part> open_;
    std::vector<waiting_look> waiting_;
    std::uint32_t unit_length_ = 0;
    std::vector<instruction> unit_;
};

} // namespace haiga::schema::regex
