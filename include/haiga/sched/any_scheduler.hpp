#pragma once

#include "haiga/sched/ddim.hpp"
#include "haiga/sched/ddpm.hpp"
#include "haiga/sched/deis.hpp"
#include "haiga/sched/dpm2.hpp"
#include "haiga/sched/dpm_multistep.hpp"
#include "haiga/sched/dpm_sde.hpp"
#include "haiga/sched/dpm_singlestep.hpp"
#include "haiga/sched/edm_dpm.hpp"
#include "haiga/sched/edm_euler.hpp"
#include "haiga/sched/euler.hpp"
#include "haiga/sched/euler_ancestral.hpp"
#include "haiga/sched/flow_euler.hpp"
#include "haiga/sched/flow_heun.hpp"
#include "haiga/sched/heun.hpp"
#include "haiga/sched/lcm.hpp"
#include "haiga/sched/lms.hpp"
#include "haiga/sched/pndm.hpp"
#include "haiga/sched/sa_solver.hpp"
#include "haiga/sched/tcd.hpp"
#include "haiga/sched/unipc.hpp"

#include <concepts>
#include <utility>
#include <variant>

namespace haiga::sched {

/// A scheduler that is chosen at run time, visited once a step.
class any_scheduler {
    using choice = std::variant<ddpm, ddim, euler, euler_ancestral, heun, lms, pndm, dpm2,
                                dpm2_ancestral, dpm_multistep, dpm_singlestep, deis, unipc, lcm,
                                tcd, edm_euler, edm_dpm, flow_euler, flow_heun, sa_solver, dpm_sde>;

    template <class S>
    static constexpr bool is_one =
        std::constructible_from<choice, S> && !std::same_as<S, any_scheduler>;

public:
    template <class S>
    requires is_one<S> // NOLINTNEXTLINE(google-explicit-constructor)
    any_scheduler(S s) : which_(std::move(s))
    {
    }

    /// The scheduler itself, where it is an S: what only some can tell, such as where noise
    /// belongs.
    template <class S>
    [[nodiscard]] auto get_if() const -> S const*
    {
        return std::get_if<S>(&which_);
    }

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
    [[nodiscard]] auto kept() const -> int
    {
        return std::visit([](auto const& s) { return s.kept(); }, which_);
    }
    void begin_at(int i)
    {
        std::visit([&](auto& s) { detail::begin(s, i); }, which_);
    }
    [[nodiscard]] auto from(int i) const -> any_scheduler { return starting_at(*this, i); }
    [[nodiscard]] auto at(int i) const -> update
    {
        return std::visit([&](auto const& s) { return s.at(i); }, which_);
    }

private:
    choice which_;
};

static_assert(scheduler<any_scheduler>);

} // namespace haiga::sched
