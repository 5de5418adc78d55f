// The numbers that diffusers' own tests publish, on the processor, at their tolerances. Origin:
// github.com/huggingface/diffusers at commit 58eb52c0803ea9af3abec60841c2a093bdf1f951,
// tests/schedulers/test_scheduler_{euler_ancestral,heun,lms,pndm,kdpm2_discrete,kdpm2_ancestral,
// dpm_multi,dpm_single,deis,unipc,lcm,tcd,edm_euler,edm_dpmsolver_multistep,sasolver,dpm_sde}.py.
#include "haiga/sched/config.hpp"
#include "tests/sched/full_loop.hpp"

#include <doctest/doctest.h>

using full_loop::check_mean;
using full_loop::check_sum;
using namespace haiga::sched;

namespace {

using prediction::v;
using enum sigma_spacing;

template <class Scheduler, class Options>
auto sigma_loop(Options const& options, int first = 0) -> full_loop::loop
{
    return {Scheduler::make(linear(1100), options, 10).value(), first, true};
}

template <class Scheduler, class Options>
auto ten_steps(Options const& options, int first = 0) -> full_loop::loop
{
    return {Scheduler::make(linear(), options, 10).value(), first};
}

constexpr path_options ends_at_sigma_min{.last = last_sigma::sigma_min};

auto multistep_options() -> dpm_multistep_options
{
    return {.path = ends_at_sigma_min, .lower_order_final = false};
}

} // namespace

TEST_CASE("Euler ancestral reaches the published sums")
{
    auto const run = [](euler_ancestral_options o, int first = 0) {
        return sigma_loop<euler_ancestral>(o, first);
    };
    check_sum(run({}).run_from_start(), 152.3192, 0.1983);
    check_sum(run({.kind = v}).run_from_start(), 108.4439, 0.1412);
    check_sum(run({}, 8).run_from_noised(), 56163.0508, 73.1290);
}

TEST_CASE("Heun reaches the published sums")
{
    auto const run = [](heun_options o, int first = 0) { return sigma_loop<heun>(o, first); };
    check_sum(run({}).run_from_start(), 0.1233, 0.0002);
    check_sum(run({.kind = v}).run_from_start(), 4.6934e-07, 6.1112e-10);
    check_sum(run({.sigmas = karras}).run_from_start(), 0.00015, 1.9869554535034695e-07);
    check_sum(run({}, 16).run_from_noised(), 75074.8906, 97.7538);
}

TEST_CASE("LMS reaches the published sums")
{
    auto const run = [](lms_options o) { return sigma_loop<lms>(o).run_from_start(); };
    check_sum(run({}), 1006.388, 1.31);
    check_sum(run({.kind = v}), 0.0017, 2.2676e-06);
    double const by_karras = run({.sigmas = karras});
    CHECK(std::abs(by_karras - 3812.9927) < 2e-2); // the tolerance of that test
    check_mean(by_karras, 4.9648);
    auto const from_8 = sigma_loop<lms>(lms_options{.whole_order_at_once = true}, 8);
    check_sum(from_8.run_from_noised(), 27663.6895, 36.0204);
}

TEST_CASE("PNDM reaches the published sums")
{
    auto const run = [](pndm_options o, double first_beta = 1e-4) {
        return full_loop::loop{pndm::make(linear(1000, first_beta), o, 10).value()}
            .run_from_start();
    };
    check_sum(run({}), 198.1318, 0.2580);
    check_sum(run({.kind = v}), 67.3986, 0.0878);
    check_sum(run({.set_alpha_to_one = true}, 0.01), 230.0399, 0.2995);
    check_sum(run({.set_alpha_to_one = false}, 0.01), 186.9482, 0.2434);
}

TEST_CASE("DPM2 reaches the published sums")
{
    auto const run = [](dpm2_options o, int first = 0) { return sigma_loop<dpm2>(o, first); };
    check_sum(run({}).run_from_start(), 20.4125, 0.0266);
    check_sum(run({.kind = v}).run_from_start(), 4.6934e-07, 6.1112e-10);
    check_sum(run({}, 16).run_from_noised(), 70408.4062, 91.6776);
}

TEST_CASE("DPM2 ancestral reaches the published sums")
{
    auto const run = [](prediction kind, int first = 0) {
        return sigma_loop<dpm2_ancestral>(dpm2_ancestral_options{{.kind = kind}}, first);
    };
    check_sum(run(prediction::epsilon).run_from_start(), 13979.9433, 18.2030);
    check_sum(run(v).run_from_start(), 331.8133, 0.4320);
    check_sum(run(prediction::epsilon, 16).run_from_noised(), 93087.3437, 121.2074);
}

TEST_CASE("DPM-Solver multistep reaches the published means")
{
    auto const mean = [](auto const& change) {
        auto o = multistep_options();
        change(o);
        return ten_steps<dpm_multistep>(o).run_from_start();
    };
    check_mean(mean([](auto&) {}), 0.3301);
    check_mean(mean([](auto& o) { o.bound.threshold = dynamic_threshold{0.87F, 0.5F}; }), 1.1364);
    check_mean(mean([](auto& o) { o.kind = v; }), 0.2251);
    check_mean(mean([](auto& o) { o.kind = v, o.path.sigmas = karras; }), 0.2096);
    check_mean(mean([](auto& o) { o.kind = v, o.path.sigmas = lu; }), 0.1554);
    check_sum(ten_steps<dpm_multistep>(multistep_options(), 5).run_from_noised(), 318.4111, 0.4146);
}

TEST_CASE("DPM-Solver singlestep reaches the published means")
{
    auto const run = [](prediction kind, sigma_spacing sigmas, int first = 0) {
        dpm_singlestep_options o{.kind = kind, .path = ends_at_sigma_min};
        o.path.sigmas = sigmas;
        return ten_steps<dpm_singlestep>(o, first);
    };
    check_mean(run(prediction::epsilon, of_timesteps).run_from_start(), 0.2791);
    check_mean(run(prediction::epsilon, karras).run_from_start(), 0.2248);
    check_mean(run(v, of_timesteps).run_from_start(), 0.1453);
    check_mean(run(v, karras).run_from_start(), 0.0649);
    check_sum(run(prediction::epsilon, of_timesteps, 5).run_from_noised(), 269.2187, 0.3505);
}

TEST_CASE("DEIS reaches the published means")
{
    auto const run = [](prediction kind, int first = 0) {
        return ten_steps<deis>(deis_options{.kind = kind}, first);
    };
    check_mean(run(prediction::epsilon).run_from_start(), 0.23916);
    check_mean(run(v).run_from_start(), 0.091);
    check_sum(run(prediction::epsilon, 8).run_from_noised(), 315.3016, 0.41054);
}

TEST_CASE("UniPC reaches the published means")
{
    using solver = unipc_options::solver;
    auto const run = [](solver type, prediction kind, sigma_spacing sigmas, int first = 0) {
        unipc_options o{.kind = kind, .path = ends_at_sigma_min, .type = type};
        o.path.sigmas = sigmas;
        return ten_steps<unipc>(o, first);
    };
    constexpr auto epsilon = prediction::epsilon;
    check_mean(run(solver::bh2, epsilon, of_timesteps).run_from_start(), 0.2464);
    check_mean(run(solver::bh2, epsilon, karras).run_from_start(), 0.2925);
    check_mean(run(solver::bh2, v, of_timesteps).run_from_start(), 0.1014);
    check_mean(run(solver::bh2, v, karras).run_from_start(), 0.1966);
    check_sum(run(solver::bh2, epsilon, of_timesteps, 8).run_from_noised(), 315.5757, 0.4109);
}

TEST_CASE("LCM and TCD reach the published sums")
{
    auto const first = [](auto options, int steps) {
        using Scheduler = decltype(detail::scheduler_of(options));
        return full_loop::loop{Scheduler::make(scaled_linear(), options, steps).value()}
            .run_from_start();
    };
    check_sum(first(lcm_options{}, 1), 18.7097, 0.0244);
    check_sum(first(lcm_options{}, 10), 197.7616, 0.2575);
    check_sum(first(tcd_options{.eta = 0}, 1), 29.8715, 0.0389);
    check_sum(first(tcd_options{.eta = 0}, 10), 181.2040, 0.2359);
}

TEST_CASE("EDM's schedulers reach the published sums")
{
    full_loop::loop const by_euler{edm_euler::make({}, 10).value()};
    check_sum(by_euler.run_from_start(), 34.1855, 0.044);
    auto const run = [](edm_dpm_options o, int first = 0) {
        o.model.last = last_sigma::sigma_min;
        o.lower_order_final = false;
        return full_loop::loop{edm_dpm::make(o, 10).value(), first, false, true};
    };
    check_mean(run({}).run_from_start(), 0.0001);
    check_mean(run({.bound = {.threshold = dynamic_threshold{0.87F, 0.5F}}}).run_from_start(),
               0.0080);
    check_mean(run({.model = {.kind = v}}).run_from_start(), 0.0092);
    check_sum(run({}, 5).run_from_noised(), 8.1661, 0.0106);
}

TEST_CASE("SA-solver reaches the published sums")
{
    auto const run = [](prediction kind, sigma_spacing sigmas) {
        sa_solver_options o{.kind = kind};
        o.path.sigmas = sigmas;
        return full_loop::loop{sa_solver::make(linear(1100), o, 10).value()}.run_from_start();
    };
    check_sum(run(prediction::epsilon, of_timesteps), 337.394287109375, 0.43931546807289124);
    check_sum(run(v, of_timesteps), 193.1467742919922, 0.2514931857585907);
    check_sum(run(prediction::epsilon, karras), 837.2554931640625, 1.0901764631271362);
}

TEST_CASE("DPM++ SDE reaches the published sums with torchsde's noise")
{
    auto const run = [](dpm_sde_options o) { return sigma_loop<dpm_sde>(o).run_from_start(); };
    check_sum(run({}), 162.52383422851562, 0.211619570851326);
    check_sum(run({.kind = v}), 119.8487548828125, 0.1560530662536621);
    CHECK(std::abs(run({.sigmas = karras}) - 170.3135223388672) <
          1e-2); // the mean printed is older
}
