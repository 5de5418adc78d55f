#pragma once

#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/scheduler.hpp"

#include <list>
#include <string>
#include <vector>

/// The least that models each concept of haiga::sched, and what must not.
namespace archetypes {

struct noise_schedule {
    int count = 1;
    [[nodiscard]] auto steps() const -> int { return count; }
    [[nodiscard]] auto alpha_bar(int t) const -> double { return 1.0 / (t + 2); }
};
static_assert(haiga::sched::noise_schedule<noise_schedule>);

struct float_schedule : noise_schedule {
    [[nodiscard]] auto alpha_bar(int t) const -> float;
};
struct endless_schedule {
    [[nodiscard]] auto alpha_bar(int t) const -> double;
};
struct unique_schedule : noise_schedule {
    unique_schedule(unique_schedule const&) = delete;
};
static_assert(!haiga::sched::noise_schedule<float_schedule>);
static_assert(!haiga::sched::noise_schedule<endless_schedule>);
static_assert(!haiga::sched::noise_schedule<unique_schedule>);

/// Goes straight to x_0 in one step.
struct scheduler {
    [[nodiscard]] auto steps() const -> int { return 1; }
    [[nodiscard]] auto timestep(int) const -> float { return 0; }
    [[nodiscard]] auto input_scale(int) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto mixture_before(int) const -> haiga::sched::mixture { return {0, 1}; }
    [[nodiscard]] auto at(int) const -> haiga::sched::update
    {
        return {.clean = {.output = 1}, .next = {.clean = 1}};
    }
};
static_assert(haiga::sched::scheduler<scheduler>);

struct scheduler_without_steps : scheduler {
    void steps() const;
};
struct scheduler_that_changes : scheduler {
    auto at(int) -> haiga::sched::update;
};
static_assert(!haiga::sched::scheduler<scheduler_without_steps>);
static_assert(!haiga::sched::scheduler<scheduler_that_changes>);

static_assert(haiga::sched::sample_array<std::vector<float>>);
static_assert(haiga::sched::sample_array<std::vector<double> const&>);
static_assert(!haiga::sched::sample_array<std::vector<int>>);
static_assert(!haiga::sched::sample_array<std::list<float>>);
static_assert(!haiga::sched::sample_array<std::string>);
static_assert(!haiga::sched::sample_array<float>);

} // namespace archetypes
