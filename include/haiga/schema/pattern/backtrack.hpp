#pragma once

#include "haiga/base/result.hpp"
#include "haiga/schema/pattern/limits.hpp"
#include "haiga/schema/pattern/program.hpp"
#include "haiga/schema/pattern/scratch.hpp"
#include "haiga/schema/pattern/text.hpp"
#include "haiga/schema/pattern/threads.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace haiga::schema::regex {

/// Runs a program of backtracking as ECMA-262 tells it, for the text of a group can not be matched
/// in linear time. What is left to try is on a stack of its own; both it and the steps have limits.
/// Source: ECMA-262, 22.2.2.
class backtrack_search {
public:
    backtrack_search(program const& p, std::string_view text, pattern_limits const& limits,
                     pattern_scratch& scratch)
        : program_(p), text_(text), choices_(scratch.choices), registers_(scratch.registers),
          most_steps_(limits.max_steps + limits.max_steps_each_byte * text.size()),
          most_choices_(limits.max_choices)
    {
    }

    /// Errors: too_large above the limits.
    auto found() -> result<bool>
    {
        for (std::size_t start = 0;;) {
            auto const matched = match_at(start);
            if (steps_ > most_steps_) {
                return too_many_steps(most_steps_);
            }
            if (choices_.size() > most_choices_) {
                return fail(errc::too_large, "pattern: a search leaves more than ", most_choices_,
                            " ways to try");
            }
            if (matched || start == text_.size()) {
                return matched;
            }
            start += character_after(text_, start).bytes;
        }
    }

private:
    using choice = pattern_scratch::choice;
    static constexpr auto none = std::numeric_limits<std::size_t>::max();
    static constexpr auto no_barrier = none;
    enum kind : std::uint32_t { alternative, restore, barrier, barrier_before };

    auto match_at(std::size_t start) -> bool
    {
        choices_.clear();
        registers_.assign(program_.registers, none);
        barrier_ = no_barrier;
        at_ = start;
        pc_ = 0;
        while (++steps_ <= most_steps_ && choices_.size() <= most_choices_) {
            auto const& i = program_.code[pc_];
            if (i.op == opcode::match) {
                return true;
            }
            if (!perform(i) && !go_back()) {
                return false;
            }
        }
        return false;
    }

    [[nodiscard]] auto target(instruction const& i) const -> std::uint32_t
    {
        return static_cast<std::uint32_t>(static_cast<std::int64_t>(pc_) + i.offset);
    }

    void set_register(std::uint32_t number, std::size_t value)
    {
        choices_.push_back({restore, number, registers_[number]});
        registers_[number] = value;
    }

    /// Does what the instruction says and goes on, or says that it does not hold.
    auto perform(instruction const& i) -> bool
    {
        switch (i.op) {
        case opcode::character:
        case opcode::set: return take(i);
        case opcode::split:
            choices_.push_back({alternative, i.flag ? pc_ + 1 : target(i), at_});
            pc_ = i.flag ? target(i) : pc_ + 1;
            return true;
        case opcode::jump: pc_ = target(i); return true;
        case opcode::save:
        case opcode::loop:
            set_register(i.number, at_);
            ++pc_;
            return true;
        case opcode::forget:
            for (std::uint32_t r = 0; r < static_cast<std::uint32_t>(i.offset); ++r) {
                if (registers_[i.number + r] != none) {
                    set_register(i.number + r, none);
                }
            }
            steps_ += static_cast<std::uint32_t>(i.offset);
            ++pc_;
            return true;
        case opcode::look_begin:
            choices_.push_back({barrier_before, pc_, barrier_});
            choices_.push_back({barrier, pc_, at_});
            barrier_ = choices_.size() - 2;
            ++pc_;
            return true;
        case opcode::look_end: return end_look();
        default: return pass(i);
        }
    }

    /// What only asks.
    auto pass(instruction const& i) -> bool
    {
        bool holds = false;
        switch (i.op) {
        case opcode::text_begin: holds = at_ == 0; break;
        case opcode::text_end: holds = at_ == text_.size(); break;
        case opcode::word_boundary: holds = is_word_boundary(text_, at_) != i.flag; break;
        case opcode::loop_end: holds = !i.flag || registers_[i.number] != at_; break;
        case opcode::reference: holds = take_reference(i); break;
        default: break;
        }
        pc_ += holds ? 1U : 0U;
        return holds;
    }

    auto take(instruction const& i) -> bool
    {
        if (at_ == (i.backward ? 0 : text_.size())) {
            return false;
        }
        auto const [c, bytes] =
            i.backward ? character_before(text_, at_) : character_after(text_, at_);
        if (i.op == opcode::character ? i.number != c : !program_.sets[i.number].contains(c)) {
            return false;
        }
        at_ = i.backward ? at_ - bytes : at_ + bytes;
        ++pc_;
        return true;
    }

    auto take_reference(instruction const& i) -> bool
    {
        auto const begin = registers_[2 * i.number];
        auto const end = registers_[2 * i.number + 1];
        if (begin == none || end == none) {
            return true; // a group that took no part matches nothing
        }
        auto const wanted = text_.substr(begin, end - begin);
        steps_ += wanted.size() / 8;
        auto const rest = i.backward ? text_.substr(0, at_) : text_.substr(at_);
        if (i.backward ? !rest.ends_with(wanted) : !rest.starts_with(wanted)) {
            return false;
        }
        at_ = i.backward ? at_ - wanted.size() : at_ + wanted.size();
        return true;
    }

    /// The inside of a look has matched. Nobody goes back into it; but what it noted of groups is
    /// undone when somebody goes back past it.
    auto end_look() -> bool
    {
        auto const base = barrier_;
        auto const look = choices_[base + 1];
        barrier_ = choices_[base].place;
        if (program_.code[look.number].flag) {
            while (choices_.size() > base) {
                undo(choices_.back());
                choices_.pop_back();
            }
            return false;
        }
        steps_ += choices_.size() - base;
        auto kept = base;
        for (auto from = base + 2; from < choices_.size(); ++from) {
            if (choices_[from].what == restore) {
                choices_[kept++] = choices_[from];
            }
        }
        choices_.resize(kept);
        at_ = look.place;
        ++pc_;
        return true;
    }

    void undo(choice const& c)
    {
        if (c.what == restore) {
            registers_[c.number] = c.place;
        }
    }

    /// To the last place where something is left to try.
    auto go_back() -> bool
    {
        while (!choices_.empty()) {
            auto const last = choices_.back();
            choices_.pop_back();
            ++steps_;
            if (last.what == alternative) {
                pc_ = last.number;
                at_ = last.place;
                return true;
            }
            undo(last);
            if (last.what == barrier) { // the look's inside does not match
                auto const& look = program_.code[last.number];
                barrier_ = choices_.back().place;
                choices_.pop_back();
                if (look.flag) {
                    pc_ = last.number;
                    pc_ = target(look);
                    at_ = last.place;
                    return true;
                }
            }
        }
        return false;
    }

    program const& program_;
    std::string_view text_;
    std::vector<choice>& choices_;
    std::vector<std::size_t>& registers_;
    std::uint64_t most_steps_;
    std::size_t most_choices_;
    std::uint64_t steps_ = 0;
    std::size_t barrier_ = no_barrier;
    std::size_t at_ = 0;
    std::uint32_t pc_ = 0;
};

} // namespace haiga::schema::regex
