#pragma once

#include "haiga/base/philox.hpp"
#include "haiga/optim/optimizer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

/// The law of haiga::optim::optimizer. make(count) gives a fresh one.
template <class Make>
void check_optimizer(Make const& make)
{
    std::size_t const count = 3 * haiga::optim::chunk_elements + 5;
    auto const random = [&](std::uint32_t sample) {
        std::vector<float> x(count);
        haiga::philox{1, 0}.at(0, sample).fill_normal(x);
        return x;
    };
    auto const run = [&](auto& optimizer, std::vector<float>& x, int threads, int from, int to) {
        for (int i = from; i < to; ++i) {
            optimizer.step({threads}, x, random(static_cast<std::uint32_t>(i + 1)), {});
        }
        return x;
    };
    auto one = make(count);
    auto x = random(0);
    auto const half = run(one, x, 1, 0, 3);
    REQUIRE(one.steps() == 3);

    auto again = make(count); // goes on from a copy of the state
    auto parts = again.state();
    REQUIRE(parts.size() == one.state().size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        CHECK(parts[i].name == one.state()[i].name);
        auto const from = one.state()[i].values;
        REQUIRE(from.size() == parts[i].values.size());
        std::copy(from.begin(), from.end(), parts[i].values.begin());
    }
    again.resume_at(3);
    auto resumed = half;
    auto const whole = run(one, x, 1, 3, 6);
    CHECK(run(again, resumed, 2, 3, 6) == whole);

    for (int threads : {2, 3, 7}) {
        auto other = make(count);
        auto y = random(0);
        CHECK(run(other, y, threads, 0, 6) == whole);
    }
}
