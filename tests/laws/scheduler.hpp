#pragma once

#include "haiga/sched/scheduler.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

/// The law of haiga::sched::scheduler, for one that was made for models that predict x_0 and that
/// ends without noise: time steps never ascend, and a model that knows x_0 is led to it.
/// descends: but for DPM2 ancestral, whose middle may lie beyond the end of its step.
void check_scheduler(haiga::sched::scheduler auto const& s, bool descends = true)
{
    REQUIRE(s.steps() > 0);
    CHECK(s.initial_sigma() > 0);
    std::vector<float> const truth{-0.75F, 0, 0.5F, 1};
    std::vector<float> const noise{1, -1, 0.25F, 0};
    std::vector<float> sample(truth.size());
    std::vector<float> clean(truth.size());
    haiga::sched::history<float> past(s.kept(), truth.size());
    haiga::sched::add_noise(s.mixture_before(0), truth, noise, sample);
    for (int i = 0; i < s.steps(); ++i) {
        CAPTURE(i);
        REQUIRE((!descends || i == 0 || s.timestep(i) <= s.timestep(i - 1)));
        REQUIRE(s.input_scale(i) > 0);
        haiga::sched::step(s, i, sample, truth, clean, past, noise);
        CHECK(clean == truth);
    }
    for (std::size_t i = 0; i < truth.size(); ++i) {
        CHECK(sample[i] == doctest::Approx(truth[i]).epsilon(1e-5)); // float32 over all steps
    }
}
