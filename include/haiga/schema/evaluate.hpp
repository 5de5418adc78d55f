#pragma once

#include "haiga/schema/evaluate_objects.hpp"

namespace haiga::schema::detail {

/// Runs a program over a value, with a stack of its own: as deep as the value and the schema go,
/// without recursion.
///
/// A frame is a block applied to a value. An instruction that applies a block to something pushes a
/// frame and waits; when it has ended the same instruction goes on with what came of it. Where only
/// the verdict counts, blocks of little height are judged on the spot, and the first failure that
/// nothing can mend ends it.
template <tracking Track>
class evaluator : object_keywords<Track> {
    using base = object_keywords<Track>;
    using base::close_note;
    using base::depth_;
    using base::give_marks;
    using base::judge_;
    using base::note_leaf;
    using base::open_note;
    using base::p_;
    using base::pop;
    using base::push;
    using base::quick;
    using base::reset;
    using base::s_;
    using base::shallow_;
    using base::top;
    using typename base::action;
    using typename base::frame;
    using typename base::signal;
    using value = boost::json::value;

public:
    using base::base;

    /// Errors: too_large where a limit ended it; what patterns say.
    auto run(value const& root, std::uint32_t block = 0) -> result<bool>
    {
        if (quick && p_.blocks[block].height != block::no_height) {
            return judged(shallow_.holds(p_.blocks[block], root));
        }
        reset();
        if (quick && !has_type(root, p_.blocks[block].types)) {
            return false;
        }
        push(root, block, none, none, 0);
        give_marks(top(), p_.blocks[block], nullptr, false);
        for (auto from = signal::fresh;;) {
            auto const now = advance(top(), from);
            from = signal::fresh;
            if (judge_.stopped()) {
                return judged(false);
            }
            if (now != action::wait) {
                from = now == action::pass ? signal::passed : signal::failed;
                pop(now == action::pass);
                if (depth_ == 0) {
                    return now == action::pass;
                }
            }
        }
    }

private:
    auto judged(bool verdict) -> result<bool>
    {
        if (judge_.stopped()) {
            return tl::unexpected(std::move(*judge_.stopped()));
        }
        return verdict;
    }

    /// Goes on with a frame until it ends or waits.
    auto advance(frame& f, signal from) -> action
    {
        for (; f.at != f.end; ++f.at) {
            auto const& i = p_.code[f.at];
            if (i.op <= opcode::last_leaf) {
                bool const holds = judge_.holds(i, *f.instance);
                note_leaf(f, holds);
                if (quick && !holds) {
                    return action::fail;
                }
                f.failed = f.failed || !holds;
                continue;
            }
            if (from == signal::fresh) {
                open_note(f);
            }
            auto const after = apply(f, i, std::exchange(from, signal::fresh));
            if (after == action::wait || (quick && after == action::fail)) {
                return after;
            }
            close_note(f, after == action::next);
            f.failed = f.failed || after == action::fail;
            f.index = f.sub = f.count = 0;
            f.keyword_failed = false;
        }
        return f.failed ? action::fail : action::pass;
    }

    auto apply(frame& f, instruction const& i, signal from) -> action
    {
        switch (i.op) {
        case opcode::object: return this->object(f, p_.objects[i.a], from);
        case opcode::properties: return this->properties(f, p_.objects[i.a], from);
        case opcode::pattern_properties: return this->pattern_properties(f, p_.objects[i.a], from);
        case opcode::additional_properties: return this->additional(f, p_.objects[i.a], from);
        case opcode::property_names: return this->property_names(f, i, from);
        case opcode::prefix_items: return this->prefix_items(f, i, from);
        case opcode::items: return this->items(f, i, from);
        case opcode::contains: return this->contains(f, p_.contains[i.a], from);
        case opcode::call:
        case opcode::call_dynamic: return this->call(f, i, from);
        case opcode::all_of: return this->all_of(f, i, from);
        case opcode::choose: return this->choose(f, p_.choices[i.a], from);
        case opcode::any_of: return this->any_of(f, i, from);
        case opcode::one_of: return this->one_of(f, i, from);
        case opcode::negation: return this->negation(f, i, from);
        case opcode::conditional: return this->conditional(f, p_.conditionals[i.a], from);
        case opcode::dependent_schemas: return this->dependent_schemas(f, i, from);
        case opcode::unevaluated_items: return this->unevaluated_items(f, i, from);
        case opcode::unevaluated_properties: return this->unevaluated_properties(f, i, from);
        default: return action::next;
        }
    }
};

} // namespace haiga::schema::detail
