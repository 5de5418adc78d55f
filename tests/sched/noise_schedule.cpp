#include "haiga/sched/noise_schedule.hpp"

#include "haiga/sched/beta_schedules.hpp"
#include "tests/archetypes/sched.hpp"
#include "tests/laws/noise_schedule.hpp"

#include <doctest/doctest.h>

using namespace haiga::sched;

TEST_CASE("every schedule keeps the law")
{
    check_noise_schedule(archetypes::noise_schedule{20});
    check_noise_schedule(linear());
    check_noise_schedule(scaled_linear());
    check_noise_schedule(squaredcos_cap_v2());
    check_noise_schedule(sigmoid());
    check_noise_schedule(laplace());
    check_noise_schedule(exponential_decay());
    check_noise_schedule(zero_terminal_snr(linear()));
    check_noise_schedule(zero_terminal_snr(scaled_linear()));
    check_noise_schedule(zero_terminal_snr(squaredcos_cap_v2()));
    check_noise_schedule(zero_terminal_snr(archetypes::noise_schedule{20}));
}

TEST_CASE("the schedules start and end where they are published to")
{
    CHECK(scaled_linear().alpha_bar(0) == doctest::Approx(0.99915).epsilon(1e-7)); // 1 - 0.00085
    CHECK(linear().alpha_bar(0) == doctest::Approx(0.9999).epsilon(1e-7));
    // Lin et al. 2023, arXiv:2305.08891, table 1: sqrt(alpha_bar_T) linear 0.006353,
    // scaled_linear (Stable Diffusion) 0.068265, cosine 4.928e-5 (5 digits are printed)
    CHECK(std::sqrt(linear().alpha_bar(999)) == doctest::Approx(0.006353).epsilon(1e-4));
    CHECK(std::sqrt(scaled_linear().alpha_bar(999)) == doctest::Approx(0.068265).epsilon(1e-4));
    CHECK(std::sqrt(squaredcos_cap_v2().alpha_bar(999)) == doctest::Approx(4.928e-5).epsilon(1e-3));
}

TEST_CASE("rescaling leaves the first step alone and nothing at the last")
{
    auto const rescaled = zero_terminal_snr(scaled_linear());
    CHECK(rescaled.alpha_bar(0) == doctest::Approx(scaled_linear().alpha_bar(0)).epsilon(1e-7));
    CHECK(rescaled.alpha_bar(999) == 0);
}

TEST_CASE("even_floats meets both ends")
{
    auto const x = even_floats(0.1F, 0.7F, 7);
    CHECK(x.front() == 0.1F);
    CHECK(x.back() == 0.7F);
    CHECK(even_floats(3, 9, 1) == std::vector<float>{3});
}

TEST_CASE("steps outside of a schedule are a caller's bug")
{
    CHECK_THROWS_AS((void)linear(10).alpha_bar(10), haiga::contract_violation);
    CHECK_THROWS_AS((void)linear(10).alpha_bar(-1), haiga::contract_violation);
    CHECK_THROWS_AS(linear(0), haiga::contract_violation);
    CHECK_THROWS_AS(linear(10, 0.1, 2.0), haiga::contract_violation);
    CHECK_THROWS_AS(zero_terminal_snr(linear(1)), haiga::contract_violation);
}
