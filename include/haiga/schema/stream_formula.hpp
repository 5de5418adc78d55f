#pragma once

#include "haiga/schema/program.hpp"

#include <cstdint>
#include <vector>

namespace haiga::schema::detail {

/// What is known of a schema that is applied to a value: `open` while the value goes on, `unknown`
/// where it has ended and something in it is left to the judgement of the whole document.
enum class standing : std::uint8_t { open, passed, failed, unknown };

/// How a part of the formula depends on the parts below it.
enum class junction : std::uint8_t {
    block,       ///< a schema applied to a value: all must pass
    any_of,      ///< one must
    one_of,      ///< exactly one must
    negation,    ///< none must
    conditional, ///< the second must if the first does, else the third
    dependent,   ///< must if a member has a certain name
    contains,    ///< enough must and not too many
};

struct formula_part {
    junction kind = junction::block;
    standing state = standing::open;
    bool uncertain = false;  ///< of a block: something below is unknown
    bool whole = false;      ///< of a block: it is judged when its value is whole
    bool idle = false;       ///< nothing depends on it any more
    bool triggered = false;  ///< of a dependent: there is that member; of contains: an array
    std::uint8_t branch = 0; ///< which of its parent's it is
    std::uint32_t parent = none;
    std::uint32_t block = 0;                         ///< its own, or its owner's
    std::uint32_t at = none;                         ///< the instruction that it stands for
    std::uint32_t depth = 0;                         ///< of the value that it is applied to
    std::uint32_t count = 0, passed = 0, failed = 0; ///< parts below
    std::uint32_t least = 0, most = none;            ///< of contains
    std::uint32_t which = 0;                         ///< of a dependent: of the program's
    standing branches[3] = {standing::open, standing::passed, standing::passed};
};

/// Why the outermost part failed: the last assertion that did not hold, or the branching keyword
/// that it decided.
struct formula_blame {
    std::uint32_t block = 0;
    std::uint32_t at = none; ///< instruction
    std::uint32_t depth = 0; ///< of the value
    std::uint32_t count = 0; ///< parts below that passed
};

/// Which schemas are applied to the values that are open, and what follows when one of them fails
/// or passes. Parts lie in the order in which they were added, each behind its parent; those of a
/// value that has ended are taken away.
class formula {
public:
    void clear() { parts_.clear(); }
    [[nodiscard]] auto size() const -> std::uint32_t
    {
        return static_cast<std::uint32_t>(parts_.size());
    }
    auto operator[](std::uint32_t i) -> formula_part& { return parts_[i]; }

    auto add(formula_part part) -> std::uint32_t
    {
        parts_.push_back(part);
        return size() - 1;
    }
    void truncate(std::uint32_t size) { parts_.resize(size); }

    /// Whether it matters what becomes of a part.
    auto is_wanted(std::uint32_t i) -> bool
    {
        auto& part = parts_[i];
        if (part.parent != none && !part.idle) {
            auto const& above = parts_[part.parent];
            part.idle = above.idle || above.state != standing::open;
        }
        return part.state == standing::open && !part.idle;
    }

    /// An assertion of a block does not hold.
    void fail(std::uint32_t i, std::uint32_t instruction)
    {
        if (parts_[i].state == standing::open) {
            blame_ = {parts_[i].block, instruction, parts_[i].depth, 0};
            settle(i, standing::failed);
        }
    }

    /// Notes what has become of a part, and of those above it that it decides.
    void settle(std::uint32_t i, standing state)
    {
        for (auto told = standing::open; parts_[i].state == standing::open;) {
            auto& part = parts_[i];
            part.state = state;
            if (state == standing::failed && is_to_blame(part.kind, told)) {
                blame_ = {part.block, part.at, part.depth, part.passed};
            }
            if (part.parent == none || parts_[part.parent].state != standing::open) {
                return;
            }
            told = state;
            state = tell(parts_[part.parent], part.branch, state);
            if (state == standing::open) {
                return;
            }
            i = part.parent;
        }
    }

    /// What a part comes to whose value has ended, after all below it.
    static auto at_end(formula_part const& part) -> standing
    {
        auto const unknown = part.count - part.passed - part.failed;
        switch (part.kind) {
        case junction::block: return part.uncertain ? standing::unknown : standing::passed;
        case junction::any_of:
            return part.count == part.failed ? standing::failed : standing::unknown;
        case junction::one_of:
            return unknown > 0        ? standing::unknown
                   : part.passed == 1 ? standing::passed
                                      : standing::failed;
        case junction::dependent: return part.triggered ? standing::unknown : standing::passed;
        case junction::contains:
            return !part.triggered                      ? standing::passed
                   : part.passed + unknown < part.least ? standing::failed
                   : part.passed >= part.least && part.passed + unknown <= part.most
                       ? standing::passed
                       : standing::unknown;
        default: return standing::unknown;
        }
    }

    [[nodiscard]] auto blame() const -> formula_blame const& { return blame_; }

private:
    /// Whether a report should name the part that fails, rather than what failed below it.
    static auto is_to_blame(junction kind, standing below) -> bool
    {
        return kind == junction::conditional || kind == junction::dependent
                   ? below != standing::failed
                   : kind != junction::block;
    }

    /// What a part comes to when one below it has: `open` where that decides nothing.
    static auto tell(formula_part& part, std::uint8_t branch, standing state) -> standing
    {
        part.passed += state == standing::passed ? 1U : 0U;
        part.failed += state == standing::failed ? 1U : 0U;
        switch (part.kind) {
        case junction::block:
            part.uncertain = part.uncertain || state == standing::unknown;
            return state == standing::failed ? state : standing::open;
        case junction::any_of:
            return state == standing::passed   ? state
                   : part.failed == part.count ? standing::failed
                                               : standing::open;
        case junction::one_of:
            return part.passed > 1 || part.failed == part.count ? standing::failed : standing::open;
        case junction::negation:
            return state == standing::passed   ? standing::failed
                   : state == standing::failed ? standing::passed
                                               : state;
        case junction::conditional: part.branches[branch] = state; return choose(part);
        case junction::dependent:
            part.branches[0] = state;
            return part.triggered ? state : standing::open;
        case junction::contains: return part.passed > part.most ? standing::failed : standing::open;
        }
        return standing::open;
    }

    static auto choose(formula_part const& part) -> standing
    {
        auto const [condition, consequent, alternative] = part.branches;
        if (condition == standing::passed) {
            return consequent;
        }
        if (condition == standing::failed) {
            return alternative;
        }
        return consequent == alternative && consequent != standing::unknown ? consequent
                                                                            : standing::open;
    }

    std::vector<formula_part> parts_;
    formula_blame blame_;
};

} // namespace haiga::schema::detail
