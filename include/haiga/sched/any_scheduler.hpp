#pragma once

#include "haiga/sched/ddim.hpp"
#include "haiga/sched/ddpm.hpp"
#include "haiga/sched/euler.hpp"

#include <utility>
#include <variant>

namespace haiga::sched {

/// A scheduler that is chosen at run time, visited once a step.
class any_scheduler {
public:
    any_scheduler(ddpm s) : which_(std::move(s)) {}  // NOLINT(google-explicit-constructor)
    any_scheduler(ddim s) : which_(std::move(s)) {}  // NOLINT(google-explicit-constructor)
    any_scheduler(euler s) : which_(std::move(s)) {} // NOLINT(google-explicit-constructor)

    [[nodiscard]] auto steps() const -> int
    {
        return std::visit([](auto const& s) { return s.steps(); }, which_);
    }
    [[nodiscard]] auto timestep(int i) const -> float
    {
        return std::visit([&](auto const& s) { return s.timestep(i); }, which_);
    }
    [[nodiscard]] auto input_scale(int i) const -> float
    {
        return std::visit([&](auto const& s) { return s.input_scale(i); }, which_);
    }
    [[nodiscard]] auto initial_sigma() const -> float
    {
        return std::visit([](auto const& s) { return s.initial_sigma(); }, which_);
    }
    [[nodiscard]] auto mixture_before(int i) const -> mixture
    {
        return std::visit([&](auto const& s) { return s.mixture_before(i); }, which_);
    }
    [[nodiscard]] auto at(int i) const -> update
    {
        return std::visit([&](auto const& s) { return s.at(i); }, which_);
    }

private:
    std::variant<ddpm, ddim, euler> which_;
};

static_assert(scheduler<any_scheduler>);

} // namespace haiga::sched
