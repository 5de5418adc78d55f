#pragma once

#include "haiga/base/result.hpp"
#include "haiga/schema/pattern/limits.hpp"
#include "haiga/schema/pattern/program.hpp"
#include "haiga/schema/pattern/scratch.hpp"
#include "haiga/schema/pattern/text.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace haiga::schema::regex {

inline auto too_many_steps(std::uint64_t most) -> tl::unexpected<failure>
{
    return fail(errc::too_large, "pattern: a search takes more than ", most, " steps");
}

/// Runs a program of threads: all instructions that can be reached are stepped together, so the
/// cost is at most the text's length times the program's, and nothing recurses. A look is a bit for
/// every place of the text, found by a run of its own: ahead from the end, behind from the start.
/// Source: R. Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009.
class thread_search {
public:
    thread_search(program const& p, std::string_view text, pattern_limits const& limits,
                  pattern_scratch& scratch)
        : program_(p), text_(text), scratch_(scratch),
          most_steps_(limits.max_steps + limits.max_steps_each_byte * text.size())
    {
        if (scratch_.reached.size() < p.code.size()) {
            scratch_.reached.resize(p.code.size());
        }
        if (scratch_.looks.size() < p.looks.size()) {
            scratch_.looks.resize(p.looks.size());
        }
    }

    /// Errors: too_large, where a program of thousands of instructions takes too many steps.
    auto found() -> result<bool>
    {
        for (auto i = program_.looks.size(); i-- > 0;) { // those inside come later
            auto& bits = scratch_.looks[i];
            bits.assign(text_.size() / 64 + 1, 0);
            auto const mark = [&](std::size_t at) {
                bits[at / 64] |= std::uint64_t{1} << (at % 64);
                return false;
            };
            auto const [start, behind] = program_.looks[i];
            behind ? run<false>(start, mark) : run<true>(start, mark);
        }
        auto const found = run<false>(0, [](std::size_t) { return true; });
        if (steps_ > most_steps_) {
            return too_many_steps(most_steps_);
        }
        return found;
    }

private:
    /// Begins anew at every place; stops where matched(place) says so, or at too many steps.
    template <bool Backward, class Matched>
    auto run(std::uint32_t start, Matched const& matched) -> bool
    {
        auto const end = Backward ? std::size_t{0} : text_.size();
        scratch_.next_threads.clear();
        for (auto at = Backward ? text_.size() : std::size_t{0};;) {
            if (reach(start, at) && matched(at)) {
                return true;
            }
            if (at == end || steps_ > most_steps_) {
                return false;
            }
            auto const [c, bytes] =
                Backward ? character_before(text_, at) : character_after(text_, at);
            at = Backward ? at - bytes : at + bytes;
            step(c);
        }
    }

    /// Puts what follows the threads that take c into next_threads.
    void step(char32_t c)
    {
        auto& next = scratch_.next_threads;
        next.clear();
        for (auto const thread : scratch_.threads) {
            auto const& i = program_.code[thread];
            bool const takes =
                i.op == opcode::character ? i.number == c : program_.sets[i.number].contains(c);
            if (takes) {
                next.push_back(thread + 1);
            }
        }
        steps_ += scratch_.threads.size();
    }

    /// Follows what takes no character, from next_threads and a fresh start, to threads.
    auto reach(std::uint32_t start, std::size_t at) -> bool
    {
        ++scratch_.place;
        auto& pending = scratch_.pending;
        std::swap(pending, scratch_.next_threads);
        scratch_.next_threads.clear();
        pending.push_back(start);
        scratch_.threads.clear();
        bool matched = false;
        while (!pending.empty()) {
            auto const pc = pending.back();
            pending.pop_back();
            if (std::exchange(scratch_.reached[pc], scratch_.place) == scratch_.place) {
                continue;
            }
            ++steps_;
            matched = follow(pc, at) || matched;
        }
        return matched;
    }

    auto follow(std::uint32_t pc, std::size_t at) -> bool
    {
        auto const& i = program_.code[pc];
        auto const other = static_cast<std::uint32_t>(static_cast<std::int64_t>(pc) + i.offset);
        auto& pending = scratch_.pending;
        switch (i.op) {
        case opcode::match: return true;
        case opcode::jump: pending.push_back(other); break;
        case opcode::split:
            pending.push_back(other);
            pending.push_back(pc + 1);
            break;
        case opcode::character:
        case opcode::set: scratch_.threads.push_back(pc); break;
        default:
            if (holds(i, at)) {
                pending.push_back(pc + 1);
            }
        }
        return false;
    }

    [[nodiscard]] auto holds(instruction const& i, std::size_t at) const -> bool
    {
        switch (i.op) {
        case opcode::text_begin: return at == 0;
        case opcode::text_end: return at == text_.size();
        case opcode::word_boundary: return is_word_boundary(text_, at) != i.flag;
        default: // a look
            return ((scratch_.looks[i.number][at / 64] >> (at % 64) & 1U) != 0) != i.flag;
        }
    }

    program const& program_;
    std::string_view text_;
    pattern_scratch& scratch_;
    std::uint64_t most_steps_;
    std::uint64_t steps_ = 0;
};

} // namespace haiga::schema::regex
