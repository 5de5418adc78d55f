#pragma once

#include "haiga/schema/evaluate_in_place.hpp"

namespace haiga::schema::detail {

/// Keywords that apply schemas to elements.
template <tracking Track>
class array_keywords : public in_place_keywords<Track> {
protected:
    using base = in_place_keywords<Track>;
    using base::base;
    using base::end_of;
    using base::goes_on;
    using base::inside;
    using base::is_marked;
    using base::mark;
    using base::p_;
    using base::quick;
    using typename base::action;
    using typename base::frame;
    using typename base::picked;
    using typename base::signal;

    template <class Pick>
    auto each_item(frame& f, signal from, std::size_t first, std::size_t end, Pick const& pick)
        -> action
    {
        auto const* const all = f.instance->if_array();
        if (all == nullptr) {
            return action::next;
        }
        bool going = goes_on(f, from);
        while (going && first + f.index < std::min(end, all->size())) {
            auto const at = static_cast<std::uint32_t>(first) + f.index++;
            auto const [block, child] = pick(at);
            if (block != none) {
                mark(f, at);
                auto const after = inside(block, (*all)[at], child, at);
                if (after == action::wait) {
                    return after;
                }
                going = goes_on(f, after);
            }
        }
        return going ? end_of(f) : action::fail;
    }

    auto prefix_items(frame& f, instruction const& i, signal from) -> action
    {
        return each_item(f, from, 0, i.b,
                         [&](std::uint32_t at) { return picked(p_.lists[i.a + at], at); });
    }

    auto items(frame& f, instruction const& i, signal from) -> action
    {
        return each_item(f, from, i.b, none, [&](std::uint32_t) { return picked(i.a, none); });
    }

    auto unevaluated_items(frame& f, instruction const& i, signal from) -> action
    {
        return each_item(f, from, 0, none, [&](std::uint32_t at) {
            return picked(is_marked(f, at) ? none : i.a, none);
        });
    }

    auto contains(frame& f, contains_plan const& plan, signal from) -> action
    {
        auto const* const all = f.instance->if_array();
        if (all == nullptr) {
            return action::next;
        }
        auto const note_match = [&](bool passed) {
            if (passed) {
                ++f.count;
                if (plan.marks) {
                    mark(f, f.index - 1);
                }
            }
        };
        if (from != signal::fresh) {
            note_match(from == signal::passed);
        }
        bool const ends_early = quick && f.marks == none;
        while (f.index < all->size()) {
            if (ends_early &&
                (f.count > plan.most || (f.count >= plan.least && plan.most == none))) {
                break;
            }
            auto const at = f.index++;
            auto const after = inside(plan.block, (*all)[at], none, at);
            if (after == action::wait) {
                return after;
            }
            note_match(after == action::next);
        }
        return f.count >= plan.least && f.count <= plan.most ? action::next : action::fail;
    }
};

} // namespace haiga::schema::detail
