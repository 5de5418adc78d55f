#include "haiga/sched/window.hpp"

#include "haiga/sched/ddim.hpp"
#include "tests/laws/noise_schedule.hpp"

using namespace haiga;

TEST_CASE("a window is a noise schedule: the steps of the other one, counted from 0")
{
    sched::linear const all;
    sched::window const some(all, 350, 850);
    check_noise_schedule(some);
    REQUIRE(some.steps() == 500);
    for (int t = 0; t < some.steps(); ++t) {
        CHECK(some.alpha_bar(t) == all.alpha_bar(350 + t));
    }
    sched::window const inner(some, 1, 3);
    CHECK(inner.alpha_bar(0) == all.alpha_bar(351));
}

TEST_CASE("a scheduler goes through a window alone")
{
    sched::window const some(sched::linear(), 100, 200);
    auto const s = sched::ddim::make(some, {.timesteps = sched::spacing::trailing}, 10).value();
    CHECK(s.timestep(0) == 99);
    CHECK(s.timestep(9) == 9);
    CHECK_FALSE(sched::ddim::make(some, {}, 101));
}

TEST_CASE("steps that the other schedule has not are a caller's bug")
{
    sched::linear const all(10);
    using table = sched::window<sched::linear>;
    CHECK_NOTHROW(table(all, 0, 10));
    CHECK_THROWS_AS(table(all, -1, 10), contract_violation);
    CHECK_THROWS_AS(table(all, 0, 11), contract_violation);
    CHECK_THROWS_AS(table(all, 5, 5), contract_violation);
    table const some(all, 2, 4);
    CHECK_THROWS_AS(static_cast<void>(some.alpha_bar(-1)), contract_violation);
    CHECK_THROWS_AS(static_cast<void>(some.alpha_bar(2)), contract_violation);
}
