// The full loops of diffusers' own tests, at the tolerances of those tests (1e-2 for sums, 1e-3 for
// means; means are sums over 768). Origin: github.com/huggingface/diffusers at commit
// 58eb52c0803ea9af3abec60841c2a093bdf1f951, tests/schedulers/test_scheduler_{ddpm,ddim,euler}.py
// and test_schedulers.py (full_loop.hpp).
#include "haiga/sched/config.hpp"
#include "tests/sched/full_loop.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace haiga::sched;

namespace {

using full_loop::check_sum;
using full_loop::loop;

auto ddpm_loop(ddpm_options options, int first = 0) -> loop
{
    return {ddpm::make(linear(), options, 1000).value(), first};
}

auto ddim_loop(ddim_options options, double first_beta = 1e-4, int first = 0) -> loop
{
    return {ddim::make(linear(1000, first_beta), options, 10).value(), first};
}

auto euler_loop(euler_options options, int first = 0) -> loop
{
    return {euler::make(linear(1100), options, 10).value(), first, true};
}

} // namespace

TEST_CASE("DDPM reaches the published sums")
{
    check_sum(ddpm_loop({}).run_from_start(), 258.9606, 0.3372);
    check_sum(ddpm_loop({.kind = prediction::v}).run_from_start(), 202.0296, 0.2631);
    check_sum(ddpm_loop({}, 998).run_from_noised(), 387.9466, 0.5051);
}

TEST_CASE("DDPM has the published variances")
{
    auto const s = ddpm::make(linear(), {}, 1000).value();
    CHECK(std::abs(s.variance_at(999 - 0) - 0.0) < 1e-5);
    CHECK(std::abs(s.variance_at(999 - 487) - 0.00979) < 1e-5);
    CHECK(std::abs(s.variance_at(999 - 999) - 0.02) < 1e-5);
}

TEST_CASE("DDIM reaches the published sums")
{
    check_sum(ddim_loop({}).run_from_start(), 172.0067, 0.223967);
    check_sum(ddim_loop({.kind = prediction::v}).run_from_start(), 52.5302, 0.0684);
    check_sum(ddim_loop({.set_alpha_to_one = true}, 0.01).run_from_start(), 149.8295, 0.1951);
    check_sum(ddim_loop({.set_alpha_to_one = false}, 0.01).run_from_start(), 149.0784, 0.1941);
    check_sum(ddim_loop({}, 1e-4, 8).run_from_noised(), 354.5418, 0.4616);
}

TEST_CASE("Euler reaches the published sums")
{
    check_sum(euler_loop({}).run_from_start(), 10.0807, 0.0131);
    check_sum(euler_loop({.kind = prediction::v}).run_from_start(), 0.0002, 2.2676e-06);
    check_sum(euler_loop({.sigmas = euler_options::sigma_spacing::karras}).run_from_start(),
              124.52299499511719, 0.16213932633399963);
    check_sum(euler_loop({}, 8).run_from_noised(), 57062.9297, 74.3007);
}

TEST_CASE("Euler's own time steps or sigmas, given back to it, change nothing")
{
    using enum euler_options::sigma_spacing;
    using enum euler_options::last_sigma;
    for (auto const kind : {prediction::epsilon, prediction::sample, prediction::v}) {
        for (auto const last : {zero, sigma_min}) {
            euler_options options{.kind = kind, .last = last};
            auto const plain = euler::make(linear(1100), options, 10).value();
            std::vector<float> times;
            std::vector<float> sigmas;
            for (int i = 0; i < plain.steps(); ++i) {
                times.push_back(plain.timestep(i));
                sigmas.push_back(plain.sigma(i));
            }
            sigmas.push_back(last == zero ? 0 : training_sigmas(linear(1100))[0]);
            double const want = loop{plain, 0, true}.run_from_start();
            auto const again = euler::make(linear(1100), options, times).value();
            CHECK(loop{again, 0, true}.run_from_start() == want);
            auto const third = euler::from_sigmas(linear(1100), options, sigmas).value();
            // the time steps come back from logarithms: 1e-5, as in the published test
            CHECK(std::abs(loop{third, 0, true}.run_from_start() - want) < 1e-5 * (1 + want));
        }
    }
}
