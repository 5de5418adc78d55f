// Whole runs of samplers against diffusers', each from the configuration as its file would say it.
#include "haiga/base/torch_generator.hpp"
#include "haiga/sched/brownian_tree.hpp"
#include "haiga/sched/config_json.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

using namespace haiga::sched;

namespace {

constexpr std::string_view sampler_goldens[] = {
#include "tests/golden/samplers.inc"
};

/// What diffusers takes as arguments of step(), not from a file.
void take_arguments(boost::json::object const& row, scheduler_config& config)
{
    std::visit(
        [&](auto& options) {
            if constexpr (requires { options.eta; }) {
                options.eta = haiga::json::get(row, "eta", options.eta).value();
            }
            if constexpr (requires { options.path.mu; }) {
                if (row.contains("mu")) {
                    options.path.mu = haiga::json::get<double>(row, "mu").value();
                }
            }
            if constexpr (requires { options.order; }) {
                options.order = haiga::json::get(row, "order", options.order).value();
            }
            if constexpr (requires { options.churn; }) {
                options.churn = haiga::json::get(row, "churn", options.churn).value();
                options.churn_noise = haiga::json::get(row, "churn_noise", 1.0F).value();
            }
        },
        config.method);
}

/// The run of tests/peers/samplers.py: two images of four pixels.
auto sampled(any_scheduler const& scheduler, int seed) -> std::vector<double>
{
    auto sample = even_floats(2, -2.5F, 8);
    combine(sample, scheduler.initial_sigma(), sample, 0, sample);
    std::vector<float> input(8), output(8), clean(8), noise(8);
    history<float> past(scheduler.kept(), 8);
    haiga::torch_generator generator(static_cast<std::uint64_t>(seed));
    auto const* sde = scheduler.get_if<dpm_sde>();
    std::optional<brownian_tree> tree;
    if (sde && sde->steps() > 1) {
        tree.emplace(static_cast<std::uint64_t>(seed), sde->least_sigma(), sde->most_sigma(), 8);
    }
    for (int i = 0; i < scheduler.steps(); ++i) {
        scale_input(scheduler, i, sample, input);
        float const t = scheduler.timestep(i);
        std::transform(input.begin(), input.end(), output.begin(),
                       [&](float x) { return 0.6F * x + (0.0001F * t + 0.05F); });
        if (tree && scheduler.at(i).takes_noise()) {
            tree->noise(sde->noise_from(i), sde->noise_to(i), noise);
        } else if (scheduler.at(i).takes_noise()) {
            generator.fill_normal(noise);
        }
        step(scheduler, i, sample, output, clean, past, noise, 2);
    }
    return {sample.begin(), sample.end()};
}

/// The largest difference, as a multiple of what is allowed: 1e-5 of the largest element, and four
/// times what diffusers' run in float32 lost of its own in double: both lose as much, here and
/// there.
auto difference(std::string_view row) -> double
{
    auto const golden = boost::json::parse({row.data(), row.size()}).as_object();
    auto config = read_scheduler_config(golden.at("config").as_object()).value();
    take_arguments(golden, config);
    auto const steps = haiga::json::get<int>(golden, "steps").value();
    auto const scheduler = make_scheduler(config, steps);
    if (!scheduler) {
        FAIL_CHECK(scheduler.error().message);
        return 1e9;
    }
    auto const want = haiga::json::get<std::vector<double>>(golden, "values").value();
    auto const got = sampled(*scheduler, steps);
    double most = 1;
    double apart = 0;
    for (std::size_t i = 0; i < want.size(); ++i) {
        most = std::max(most, std::abs(want[i]));
        apart = std::max(apart, std::abs(got[i] - want[i]));
    }
    auto lost = haiga::json::get<double>(golden, "lost").value();
    if (scheduler->get_if<dpm_sde>()) {
        lost += 1e-5; // the tree rounds to 1e-6: a unit in the last place of exp is other noise
    }
    return std::isfinite(got[0]) ? apart / (1e-5 * most + 4 * lost) : 1e9;
}

} // namespace

TEST_CASE("samplers give what diffusers gives, read from the same configuration")
{
    for (auto const row : sampler_goldens) {
        CAPTURE(row);
        CHECK(difference(row) <= 1);
    }
}

TEST_CASE("the whole matrix of options, where tests/peers/samplers.py has written it")
{
    char const* path = std::getenv("HAIGA_SAMPLER_RUNS");
    if (!path) {
        return;
    }
    std::ifstream file(path);
    REQUIRE(file);
    double worst = 0;
    for (std::string row; std::getline(file, row);) {
        CAPTURE(row);
        double const apart = difference(row);
        CHECK(apart <= 1);
        worst = std::max(worst, apart);
    }
    MESSAGE("largest difference, of what is allowed: ", worst);
}
