// Whole runs of samplers against diffusers', each from the configuration as its file would say it.
#include "haiga/base/torch_generator.hpp"
#include "haiga/sched/brownian_tree.hpp"
#include "haiga/sched/config_json.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

using namespace haiga::sched;

namespace {

constexpr std::string_view sampler_goldens[] = {
#include "tests/golden/samplers.inc"
};

/// What diffusers takes as arguments of step(), not from a file.
void take_arguments(boost::json::object const& row, scheduler_config& config)
{
    auto const take = [&](char const* key, auto& option) {
        if (row.contains(key)) {
            option = haiga::json::get<std::remove_reference_t<decltype(option)>>(row, key).value();
        }
    };
    std::visit(
        [&](auto& options) {
            if constexpr (requires { options.eta; }) {
                take("eta", options.eta);
            }
            if constexpr (requires { options.use_clipped_output; }) {
                take("use_clipped_output", options.use_clipped_output);
            }
            if constexpr (requires { options.path.mu; }) {
                if (row.contains("mu")) {
                    take("mu", options.path.mu.emplace());
                }
            }
            if constexpr (requires { options.order; }) {
                take("order", options.order);
            }
            if constexpr (requires { options.churn; }) {
                take("churn", options.churn);
                take("churn_from", options.churn_from);
                take("churn_to", options.churn_to);
                take("churn_noise", options.churn_noise);
            }
        },
        config.method);
}

/// '1' for each evaluation in which noise is drawn, as diffusers draws it from its generator or its
/// tree: a generator that is asked less or more often is out of step for the rest of a run.
auto drawing_steps(any_scheduler const& scheduler) -> std::string
{
    std::string draws;
    for (int i = 0; i < scheduler.steps(); ++i) {
        draws += scheduler.at(i).takes_noise() ? '1' : '0';
    }
    return draws;
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

/// How far a run is from diffusers', as a share of the largest element, and what diffusers lost.
struct comparison {
    double apart = 0;
    std::optional<double> lost{}; ///< of its run in float32 to its own in double

    /// 1e-5, or what float32 loses where that is more: runs that begin where next to no signal is
    /// left (squaredcos_cap_v2 from its last time steps, at sigmas up to 20,000; zero terminal SNR,
    /// 4,096) subtract numbers as large as that from each other, and solvers by noise divide by
    /// small ones. There both programs keep a part of what float32 has, each another one. Eight
    /// times, for diffusers' loss is one drawing of how much is lost.
    [[nodiscard]] auto allowed() const -> double { return std::max(1e-5, 8 * lost.value_or(0)); }
};

auto compare(std::string_view row) -> comparison
{
    auto const golden = boost::json::parse({row.data(), row.size()}).as_object();
    auto config = read_scheduler_config(golden.at("config").as_object()).value();
    take_arguments(golden, config);
    auto const steps = haiga::json::get<int>(golden, "steps").value();
    auto const scheduler = make_scheduler(config, steps);
    if (!scheduler) {
        FAIL_CHECK(scheduler.error().message);
        return {1e9};
    }
    CHECK(drawing_steps(*scheduler) ==
          haiga::json::get(golden, "draws",
                           std::string(static_cast<std::size_t>(scheduler->steps()), '0'))
              .value());
    auto const want = haiga::json::get<std::vector<double>>(golden, "values").value();
    auto const got = sampled(*scheduler, steps);
    double most = 1;
    comparison result;
    for (std::size_t i = 0; i < want.size(); ++i) {
        most = std::max(most, std::abs(want[i]));
        result.apart =
            std::isfinite(got[i]) ? std::max(result.apart, std::abs(got[i] - want[i])) : 1e9;
    }
    result.apart /= most;
    if (golden.contains("lost")) {
        result.lost = haiga::json::get<double>(golden, "lost").value() / most;
        if (scheduler->get_if<dpm_sde>()) {
            *result.lost += 1e-5; // its tree rounds to 1e-6: a last place of exp is other noise
        }
    }
    return result;
}

} // namespace

TEST_CASE("samplers give what diffusers gives, read from the same configuration")
{
    int beyond = 0;
    for (auto const row : sampler_goldens) {
        CAPTURE(row);
        auto const found = compare(row);
        CHECK(found.apart <= found.allowed());
        beyond += found.apart > 1e-5 ? 1 : 0;
    }
    CHECK(beyond < static_cast<int>(std::size(sampler_goldens)) / 10);
}

TEST_CASE("the whole matrix of options, where tests/peers/samplers.py has written it")
{
    char const* path = std::getenv("HAIGA_SAMPLER_RUNS");
    if (!path) {
        return;
    }
    std::ifstream file(path);
    REQUIRE(file);
    std::ofstream beyond(std::string(path) + ".beyond"); // for samplers.py lost
    int rows = 0;
    int near = 0;
    double worst = 0;
    for (std::string row; std::getline(file, row); ++rows) {
        CAPTURE(row);
        auto const found = compare(row);
        worst = std::max(worst, found.apart);
        if (found.apart <= 1e-5) {
            ++near;
        } else {
            beyond << row << '\n';
            CHECK((!found.lost || found.apart <= found.allowed()));
        }
    }
    MESSAGE(rows, " runs, ", near, " within 1e-5, worst ", worst);
}
