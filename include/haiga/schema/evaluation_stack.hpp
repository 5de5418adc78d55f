#pragma once

#include "haiga/schema/shallow.hpp"

#include <utility>

namespace haiga::schema {

/// What evaluation leaves behind: only the verdict; notes of what is wrong; notes of everything.
enum class tracking : std::uint8_t { verdict, errors, everything };

struct evaluation_limits {
    /// Schemas applied to values. What nests anyOf in references can ask for any number of them.
    std::uint64_t steps = std::uint64_t{1} << 26U;
    /// The same where notes are taken, which stay in memory.
    std::uint64_t noted_steps = std::uint64_t{1} << 22U;
};

namespace detail {

/// Frames, each a block that is being applied to a value, with what they have marked and noted.
template <tracking Track>
class evaluation_stack {
protected:
    static constexpr bool quick = Track == tracking::verdict;
    using frame = evaluation_frame;
    using value = boost::json::value;
    using picked = std::pair<std::uint32_t, std::uint32_t>; ///< a block, and which of a keyword's

    /// What came of the frame that an instruction waited for.
    enum class signal : std::uint8_t { fresh, passed, failed };
    enum class action : std::uint8_t { next, wait, pass, fail };

public:
    evaluation_stack(program const& p, evaluation_scratch& scratch, evaluation_limits limits)
        : p_(p), s_(scratch), shallow_(p, scratch, quick ? limits.steps : limits.noted_steps),
          judge_(shallow_.assertions())
    {
    }

protected:
    void reset()
    {
        depth_ = 0;
        s_.marks.clear();
        if constexpr (!quick) {
            s_.notes.clear();
            s_.names.clear();
        }
        if (p_.is_dynamic) {
            s_.scope.clear();
            s_.scope_uses.assign(p_.resources.size(), 0);
        }
    }

    // ---- frames

    auto top() -> frame& { return s_.frames[depth_ - 1]; }

    /// The frame is written where it stays: a copy would have to wait for its parts.
    void push(value const& v, std::uint32_t block, std::uint32_t child, std::uint32_t step,
              std::uint32_t in_place)
    {
        if (depth_ == s_.frames.size()) {
            s_.frames.resize(std::max<std::size_t>(depth_ * 2, 16));
        }
        auto& made = s_.frames[depth_++];
        auto const& b = p_.blocks[block];
        made.instance = &v;
        made.at = quick ? b.fast : b.full;
        made.end = quick ? b.fast_end : b.full_end;
        made.block = block;
        made.index = made.sub = made.count = 0;
        made.marks = none;
        made.in_place = in_place;
        made.owns_marks = made.passes_marks_on = made.failed = made.keyword_failed = false;
        shallow_.take_step();
        if (p_.is_dynamic && s_.scope_uses[b.resource]++ == 0) {
            s_.scope.push_back(b.resource);
        }
        if constexpr (!quick) {
            auto const* const from = depth_ < 2 ? nullptr : &s_.frames[depth_ - 2];
            made.note = static_cast<std::uint32_t>(s_.notes.size());
            s_.notes.push_back({.instance = made.instance,
                                .parent = from == nullptr ? none : from->keyword_note,
                                .block = made.block,
                                .instruction = from == nullptr ? none : from->at,
                                .child = child,
                                .step = step,
                                .count = 0,
                                .is_keyword = false,
                                .valid = true});
        }
    }

    void pop(bool passed)
    {
        auto const& f = s_.frames[--depth_];
        if (p_.is_dynamic && --s_.scope_uses[p_.blocks[f.block].resource] == 0) {
            s_.scope.pop_back();
        }
        if (f.owns_marks) {
            if (passed && f.passes_marks_on) {
                auto const& into = top();
                for (std::size_t i = f.marks; i < s_.marks.size(); ++i) {
                    s_.marks[into.marks + (i - f.marks)] |= s_.marks[i];
                }
            }
            s_.marks.resize(f.marks);
        }
        if constexpr (!quick) {
            s_.notes[f.note].valid = passed;
            if (Track == tracking::errors && passed) {
                s_.notes.resize(f.note);
            }
        }
    }

    // ---- children

    /// Applies a block to a member or an element.
    HAIGA_ALWAYS_INLINE auto inside(std::uint32_t block, value const& v, std::uint32_t child,
                                    std::uint32_t step) -> action
    {
        auto const& b = p_.blocks[block];
        if constexpr (quick) {
            if (b.height != block::no_height) {
                return shallow_.holds(b, v) ? action::next : action::fail;
            }
            if (!has_type(v, b.types)) {
                return action::fail;
            }
        }
        push(v, block, child, step, 0);
        if (b.needs_marks) {
            give_marks(top(), b, nullptr, false);
        }
        return action::wait;
    }

    /// Applies a block to the frame's own value. optional: the frame may pass although it fails.
    auto in_place(frame& f, std::uint32_t block, std::uint32_t child, bool optional,
                  bool passes_on = true) -> action
    {
        auto const& b = p_.blocks[block];
        if constexpr (quick) {
            if (b.height != block::no_height) {
                return shallow_.holds(b, *f.instance) ? action::next : action::fail;
            }
            if (!has_type(*f.instance, b.types)) {
                return action::fail;
            }
        }
        auto const nested = f.in_place + 1;
        if (p_.is_dynamic && nested > (p_.blocks.size() + 1) * (p_.resources.size() + 1)) {
            judge_.stop({errc::invalid,
                         "schema: a dynamic reference applies a schema to the same value for ever",
                         {}});
        }
        bool const marked = f.marks != none;
        push(*f.instance, block, child, none, nested);
        if (marked || b.needs_marks) {
            auto& made = top();
            give_marks(made, b, marked ? &s_.frames[depth_ - 2] : nullptr, optional);
            made.passes_marks_on = made.owns_marks && marked && passes_on;
        }
        return action::wait;
    }

    // ---- marks

    void give_marks(frame& made, block const& b, frame const* from, bool optional)
    {
        if (from != nullptr && !optional && !b.needs_marks) {
            made.marks = from->marks;
            return;
        }
        if (from == nullptr && !b.needs_marks) {
            return;
        }
        std::size_t const size = made.instance->is_array()    ? made.instance->get_array().size()
                                 : made.instance->is_object() ? made.instance->get_object().size()
                                                              : 0;
        made.marks = static_cast<std::uint32_t>(s_.marks.size());
        made.owns_marks = true;
        s_.marks.resize(s_.marks.size() + (size + 63) / 64, 0);
    }

    void mark(frame const& f, std::size_t index)
    {
        if (f.marks != none) {
            s_.marks[f.marks + index / 64] |= std::uint64_t{1} << index % 64;
        }
    }
    [[nodiscard]] auto is_marked(frame const& f, std::size_t index) const -> bool
    {
        return (s_.marks[f.marks + index / 64] >> index % 64 & 1U) != 0;
    }

    // ---- keywords

    /// For keywords all of whose blocks must hold: whether to go on after one.
    auto goes_on(frame& f, action after) -> bool
    {
        if constexpr (quick) {
            return after == action::next;
        }
        f.keyword_failed = f.keyword_failed || after == action::fail;
        return after != action::wait;
    }
    auto goes_on(frame& f, signal from) -> bool
    {
        return goes_on(f, from == signal::failed ? action::fail : action::next);
    }
    auto end_of(frame const& f) -> action { return f.keyword_failed ? action::fail : action::next; }

    // ---- notes

    void note_leaf(frame const& f, bool holds)
    {
        if constexpr (!quick) {
            if (!holds || Track == tracking::everything) {
                add_note(f);
                s_.notes.back().valid = holds;
            }
        }
    }

    void open_note(frame& f)
    {
        if constexpr (!quick) {
            f.keyword_note = static_cast<std::uint32_t>(s_.notes.size());
            add_note(f);
        }
    }

    void close_note(frame const& f, bool holds)
    {
        if constexpr (!quick) {
            s_.notes[f.keyword_note].valid = holds;
            s_.notes[f.keyword_note].count = f.count;
            if (Track == tracking::errors && holds) {
                s_.notes.resize(f.keyword_note);
            }
        }
    }

    void add_note(frame const& f)
    {
        s_.notes.push_back({.instance = f.instance,
                            .parent = f.note,
                            .block = f.block,
                            .instruction = f.at,
                            .child = none,
                            .step = none,
                            .count = 0,
                            .is_keyword = true,
                            .valid = true});
    }

    program const& p_;
    evaluation_scratch& s_;
    shallow_judge shallow_;
    assertions& judge_;
    std::size_t depth_ = 0; ///< frames in use
};

} // namespace detail
} // namespace haiga::schema
