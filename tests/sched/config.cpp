#include "haiga/sched/config.hpp"

#include <doctest/doctest.h>

using namespace haiga::sched;

TEST_CASE("a configuration that cannot be is told")
{
    auto const message = [](schedule_config c) { return make_schedule(c).error().message; };
    CHECK(message({.steps = 0}) == "noise schedule: num_train_timesteps 0");
    CHECK(message({.last_beta = 2}) ==
          "noise schedule: betas from 0.0001 to 2, expected within (0, 1)");
    CHECK_FALSE(make_schedule({.first_beta = std::nan("")}));
    CHECK_FALSE(make_scheduler({{}, ddim_options{}}, 1001));

    auto const blind = make_scheduler(
        {{.zero_terminal_snr = true}, ddim_options{.timesteps = spacing::trailing}}, 10);
    REQUIRE_FALSE(blind);
    CHECK(blind.error().message == "scheduler: no signal at time step 999, where epsilon tells "
                                   "nothing; v or sample is needed");
}

TEST_CASE("a schedule that falls, but not once it is rescaled, is told")
{
    auto const message = [](schedule_config c) {
        c.zero_terminal_snr = false;
        CHECK(make_schedule(c));
        c.zero_terminal_snr = true;
        auto const made = make_schedule(c);
        return made ? "made" : made.error().message;
    };
    // 0.5 and the float below it have one root
    CHECK(message({.steps = 2, .first_beta = 0.5, .last_beta = 6e-8})
              .starts_with("noise schedule: rescaled alpha_bar is 1 before step 0"));
    // the last two of three roots are one: both would become 0, and the last beta 0 / 0
    using shape = schedule_config::shape;
    CHECK(message({.betas = shape::scaled_linear, .steps = 3, .first_beta = 0.5, .last_beta = 6e-8})
              .starts_with("noise schedule: rescaled alpha_bar is 0 before step 2"));
    for (double const first : {0.3, 0.5, 0.7, 0.9, 0.99, 0.999, 0.99999}) {
        for (double const last : {6e-8, 1e-7, 1.2e-7, 0.5}) {
            for (int steps = 2; steps < 20; ++steps) {
                for (auto const betas : {shape::linear, shape::scaled_linear}) {
                    CHECK_NOTHROW(
                        static_cast<void>(make_schedule({betas, steps, first, last, true})));
                }
            }
        }
    }
}

TEST_CASE("Euler takes only time steps and sigmas that descend")
{
    linear const schedule;
    CHECK_FALSE(euler::make(schedule, {}, std::vector<float>{}));
    CHECK_FALSE(euler::make(schedule, {}, std::vector<float>{1, 2}));
    CHECK_FALSE(euler::make(schedule, {}, std::vector<float>{1000, 2}));
    CHECK_FALSE(euler::make(schedule, {}, std::vector<float>{3, std::nanf("")}));
    CHECK_FALSE(euler::from_sigmas(schedule, {}, std::vector<float>{1}));
    CHECK_FALSE(euler::from_sigmas(schedule, {}, std::vector<float>{1, 2, 0}));
    CHECK_FALSE(euler::from_sigmas(schedule, {}, std::vector<float>{1, 0, 0}));
}

TEST_CASE("DDIM has the published variances")
{
    // diffusers 0.42.1, test_scheduler_ddim.py, test_variance; eta 1 makes sigma^2 the variance
    linear const schedule;
    auto const s = ddim::make(schedule, {.eta = 1}, 50).value(); // time steps 980, 960, ...
    auto const variance = [&](int i) { return s.at(i).next.noise * s.at(i).next.noise; };
    CHECK(std::abs(variance(0) - 0.32460F) < 1e-5F);
    CHECK(std::abs(variance((980 - 420) / 20) - 0.14771F) < 1e-5F);
    auto const every = ddim::make(schedule, {.eta = 1}, 1000).value();
    CHECK(std::abs(std::pow(every.at(999 - 487).next.noise, 2) - 0.00979) < 1e-5);
    CHECK(std::abs(std::pow(every.at(0).next.noise, 2) - 0.02) < 1e-5);
}
