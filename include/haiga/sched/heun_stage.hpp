#pragma once

#include "haiga/sched/update.hpp"

namespace haiga::sched::detail {

/// The stages of Heun's method, evaluations i = 0, 1, 0, 1, ...: along the slope where a step
/// begins, and from there once more along the mean of it and the slope at the end. Two arrays are
/// kept: the first slope and where it was taken.
/// Source: Karras et al. 2022, arXiv:2206.00364, algorithm 1.
inline void heun_stage(update& u, int i, float dt, terms const& begin, terms const& slope)
{
    if (i % 2 == 0) {
        u.next = begin;
        u.next.add(dt, slope);
        u.keep[0] = {0, slope};
        u.keep[1] = {1, begin};
    } else {
        u.next = past_term(1);
        u.next.add(dt / 2, past_term(0));
        u.next.add(dt / 2, slope);
    }
}

} // namespace haiga::sched::detail
