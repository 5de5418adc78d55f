#include "haiga/sched/timetable.hpp"

#include <doctest/doctest.h>

using namespace haiga::sched;

TEST_CASE("time steps as published")
{
    // diffusers 0.42.1, test_scheduler_ddim.py, test_steps_offset
    CHECK(discrete_timesteps(spacing::leading, 1000, 5, 1).value() ==
          std::vector{801, 601, 401, 201, 1});
    // Lin et al. 2023, arXiv:2305.08891, table 2, T = 1000, S = 10 (counted from 1 there)
    CHECK(discrete_timesteps(spacing::leading, 1000, 10, 0).value() ==
          std::vector{900, 800, 700, 600, 500, 400, 300, 200, 100, 0});
    CHECK(discrete_timesteps(spacing::linspace, 1000, 10, 0).value() ==
          std::vector{999, 888, 777, 666, 555, 444, 333, 222, 111, 0});
    CHECK(discrete_timesteps(spacing::trailing, 1000, 10, 0).value() ==
          std::vector{999, 899, 799, 699, 599, 499, 399, 299, 199, 99});
}

TEST_CASE("every number of steps gives as many, descending, within the schedule")
{
    for (auto const rule : {spacing::linspace, spacing::leading, spacing::trailing}) {
        for (int n = 1; n <= 1000; ++n) { // diffusers' trailing gives one too many for 62 of these
            auto const times = discrete_timesteps(rule, 1000, n, 0);
            REQUIRE(times);
            REQUIRE(times->size() == static_cast<std::size_t>(n));
            REQUIRE(check_timesteps(*times, 1000));
        }
    }
}

TEST_CASE("what cannot be spaced is told")
{
    auto const message = [](auto const& r) { return r.error().message; };
    CHECK(message(discrete_timesteps(spacing::leading, 1000, 1001, 0)) ==
          "scheduler: 1001 steps of 1000");
    CHECK(message(discrete_timesteps(spacing::leading, 1000, 0, 0)) ==
          "scheduler: 0 steps of 1000");
    CHECK(message(discrete_timesteps(spacing::leading, 1000, 1000, 1)) ==
          "scheduler: time step 1000 of 1000 (steps_offset 1)");
    CHECK_FALSE(discrete_timesteps(spacing::leading, 1000, 10, -1));
}

TEST_CASE("time steps of one's own must descend within the schedule")
{
    CHECK(check_timesteps(std::vector{100, 87, 50, 1, 0}, 1000));
    CHECK_FALSE(check_timesteps(std::vector{100, 87, 50, 51, 0}, 1000));
    CHECK_FALSE(check_timesteps(std::vector{1000}, 1000));
    CHECK_FALSE(check_timesteps(std::vector{5, -1}, 1000));
    CHECK_FALSE(check_timesteps(std::vector<int>{}, 1000));
}
