#include "haiga/optim/adamw.hpp"

#include "haiga/optim/clip_norm.hpp"
#include "haiga/optim/ema.hpp"
#include "tests/archetypes/optim.hpp"
#include "tests/golden/optim.hpp"
#include "tests/laws/optimizer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <iterator>
#include <limits>

using namespace haiga::optim;

TEST_CASE("optimizers keep the law")
{
    check_optimizer([](std::size_t) { return archetypes::optimizer(); });
    check_optimizer([](std::size_t count) { return adamw(count); });
    parameter_range const ranges[] = {{100, 20'000, 0, 0.5}, {30'000, 7, 0.3}};
    check_optimizer([&](std::size_t count) { return adamw(count, {}, ranges); });
}

TEST_CASE("adamw with clipping and a moving average gives what torch gives")
{
    namespace want = golden::optim;
    constexpr std::size_t n = std::size(want::adamw_start);
    constexpr std::size_t steps = std::size(want::norms);
    std::vector<float> x(std::begin(want::adamw_start), std::end(want::adamw_start));
    auto average = x;
    parameter_range const ranges[] = {{8, 7, 0}, {15, n - 15, 0.1, 1.0 / 3}};
    adamw optimizer(n, {.beta2 = 0.99, .weight_decay = 0.1}, ranges);
    norm_of norm(n);
    ema_decay const decay{.most = 0.75};
    for (std::size_t i = 0; i < steps; ++i) {
        auto const gradients = std::span(want::adamw_gradients).subspan(i * n, n);
        double const length = norm({1}, gradients);
        CHECK(length == doctest::Approx(want::norms[i]).epsilon(1e-6)); // a sum in float32 there
        optimizer.step({2}, x, gradients,
                       {.learning_rate = 3e-3,
                        .gradient_scale = clip_factor(length, 5),
                        .average = average,
                        .average_decay = decay.at(static_cast<std::int64_t>(i) + 1)});
    }
    auto const state = optimizer.state();
    for (std::size_t i = 0; i < n; ++i) {
        CAPTURE(i);
        // a few roundings of float32 a step, twelve steps
        auto const near = [](double got, double value) {
            return std::abs(got - value) <= 2e-6 * std::abs(value);
        };
        CHECK(near(x[i], want::adamw_end[i]));
        CHECK(near(average[i], want::ema_end[i]));
        CHECK(near(state[1].values[i], want::adamw_second[i]));
        auto const first = double{state[0].values[i]};
        CHECK(std::abs(first - want::adamw_first[i]) <= 2e-6 * std::sqrt(state[1].values[i]));
    }
}

TEST_CASE("adamw gives the same bytes with every instruction set")
{
    constexpr std::size_t n = 1003;
    auto const run = [&](haiga::isa set) {
        std::array<std::vector<float>, 5> x;
        for (std::uint32_t i = 0; i < 5; ++i) {
            x[i].resize(n);
            haiga::philox{2, 0}.at(0, i).fill_normal(x[i]);
        }
        std::transform(x[3].begin(), x[3].end(), x[3].begin(), [](float v) { return v * v; });
        detail::adamw_numbers const numbers{0.5F, 0.99F,  1e-2F, 3,   1e-8F,
                                            0.1F, 0.999F, 1e-3F, 0.1F};
        detail::adamw_pass(set, numbers,
                           {x[0].data(), x[1].data(), x[2].data(), x[3].data(), x[4].data()}, n);
        return x;
    };
#ifdef __FMA__ // the compiler fuses as it likes: two roundings fewer of numbers below 100
    auto const a = run(haiga::isa::baseline);
    auto const b = run(haiga::machine_isa());
    for (std::size_t k = 0; k < 5; ++k) {
        for (std::size_t i = 0; i < n; ++i) {
            CHECK(a[k][i] == doctest::Approx(b[k][i]).epsilon(1e-5));
        }
    }
#else
    CHECK(run(haiga::isa::baseline) == run(haiga::machine_isa()));
#endif
}

TEST_CASE("adamw without gradients only decays")
{
    adamw optimizer(2, {.weight_decay = 0.5});
    std::vector<float> x{1, -2};
    optimizer.step({1}, x, std::vector<float>(2), {.learning_rate = 0.1});
    CHECK(x[0] == doctest::Approx(0.95));
    CHECK(x[1] == doctest::Approx(-1.9));
}

TEST_CASE("sizes and ranges that do not fit are a caller's bug")
{
    adamw optimizer(3);
    std::vector<float> two(2), three(3);
    CHECK_THROWS_AS(optimizer.step({1}, two, three, {}), haiga::contract_violation);
    CHECK_THROWS_AS(optimizer.step({1}, three, two, {}), haiga::contract_violation);
    CHECK_THROWS_AS(optimizer.step({1}, three, three, {.average = two}), haiga::contract_violation);
    parameter_range const overlap[] = {{0, 2}, {1, 1}};
    CHECK_THROWS_AS(adamw(3, {}, overlap), haiga::contract_violation);
    parameter_range const beyond[] = {{2, std::numeric_limits<std::size_t>::max()}};
    CHECK_THROWS_AS(adamw(3, {}, beyond), haiga::contract_violation);
}
