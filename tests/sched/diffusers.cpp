#include "haiga/base/torch_generator.hpp"
#include "haiga/sched/config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

using namespace haiga::sched;

namespace {

using shape = schedule_config::shape;
constexpr float infinity = std::numeric_limits<float>::infinity();

struct golden_run {
    scheduler_config config;
    int steps;
    std::array<float, 8> want;
};

golden_run const runs[] = {
#include "tests/golden/schedulers.inc"
};

/// The run of tests/peers/schedulers.py: two images of four pixels.
auto run(any_scheduler const& scheduler) -> std::vector<float>
{
    auto sample = even_floats(2, -2.5F, 8);
    combine(sample, scheduler.initial_sigma(), sample, 0, sample);
    std::vector<float> input(8);
    std::vector<float> output(8);
    std::vector<float> clean(8);
    std::vector<float> noise(8);
    haiga::torch_generator generator(static_cast<std::uint64_t>(scheduler.steps()));
    for (int i = 0; i < scheduler.steps(); ++i) {
        scale_input(scheduler, i, sample, input);
        float const t = scheduler.timestep(i);
        std::transform(input.begin(), input.end(), output.begin(),
                       [&](float x) { return 0.6F * x + (0.0001F * t + 0.05F); });
        if (scheduler.at(i).takes_noise()) {
            generator.fill_normal(noise);
        }
        step(scheduler, i, sample, output, clean, noise, 2);
    }
    return sample;
}

} // namespace

TEST_CASE("schedulers give what diffusers gives, option by option")
{
    for (auto const& golden : runs) {
        auto const row = &golden - runs;
        CAPTURE(row);
        auto const scheduler = make_scheduler(golden.config, golden.steps);
        REQUIRE(scheduler);
        auto const got = run(*scheduler);
        // float32 over up to 30 steps, and what diffusers' first steps lose when they subtract
        // numbers as large as the start, 2.5 initial_sigma, which is up to 20,000
        float const lost = 0x1p-23F * 2.5F * scheduler->initial_sigma();
        float most = 1;
        for (float const x : golden.want) {
            most = std::max(most, std::abs(x));
        }
        for (std::size_t i = 0; i < 8; ++i) {
            CHECK(std::abs(got[i] - golden.want[i]) <= 1e-5F * most + lost);
        }
    }
}
