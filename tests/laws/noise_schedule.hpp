#pragma once

#include "haiga/sched/noise_schedule.hpp"

#include <doctest/doctest.h>

/// The law of haiga::sched::noise_schedule.
void check_noise_schedule(haiga::sched::noise_schedule auto const& s)
{
    REQUIRE(s.steps() > 0);
    double before = 1;
    for (int t = 0; t < s.steps(); ++t) {
        CAPTURE(t);
        double const a = s.alpha_bar(t);
        REQUIRE(a < before);
        REQUIRE(a >= 0);
        before = a;
    }
    auto const copy = s;
    CHECK(copy.alpha_bar(0) == s.alpha_bar(0));
}
