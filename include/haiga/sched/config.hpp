#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/any_scheduler.hpp"
#include "haiga/sched/schedule_config.hpp"

#include <utility>
#include <variant>

namespace haiga::sched {

namespace detail {

/// Which scheduler options are of: declarations alone.
auto scheduler_of(ddpm_options const&) -> ddpm;
auto scheduler_of(ddim_options const&) -> ddim;
auto scheduler_of(euler_options const&) -> euler;
auto scheduler_of(euler_ancestral_options const&) -> euler_ancestral;
auto scheduler_of(heun_options const&) -> heun;
auto scheduler_of(lms_options const&) -> lms;
auto scheduler_of(pndm_options const&) -> pndm;
auto scheduler_of(dpm2_options const&) -> dpm2;
auto scheduler_of(dpm2_ancestral_options const&) -> dpm2_ancestral;
auto scheduler_of(dpm_multistep_options const&) -> dpm_multistep;
auto scheduler_of(dpm_singlestep_options const&) -> dpm_singlestep;
auto scheduler_of(deis_options const&) -> deis;
auto scheduler_of(unipc_options const&) -> unipc;
auto scheduler_of(lcm_options const&) -> lcm;
auto scheduler_of(tcd_options const&) -> tcd;
auto scheduler_of(edm_euler_options const&) -> edm_euler;
auto scheduler_of(edm_dpm_options const&) -> edm_dpm;
auto scheduler_of(flow_euler_options const&) -> flow_euler;
auto scheduler_of(flow_heun_options const&) -> flow_heun;
auto scheduler_of(sa_solver_options const&) -> sa_solver;
auto scheduler_of(dpm_sde_options const&) -> dpm_sde;

} // namespace detail

/// A whole scheduler as data: what a file says, before the number of steps is known.
struct scheduler_config {
    schedule_config schedule{};
    std::variant<ddpm_options, ddim_options, euler_options, euler_ancestral_options, heun_options,
                 lms_options, pndm_options, dpm2_options, dpm2_ancestral_options,
                 dpm_multistep_options, dpm_singlestep_options, deis_options, unipc_options,
                 lcm_options, tcd_options, edm_euler_options, edm_dpm_options, flow_euler_options,
                 flow_heun_options, sa_solver_options, dpm_sde_options>
        method{};
};

/// Errors: those of make_schedule and of the scheduler's make.
inline auto make_scheduler(scheduler_config const& config, int steps) -> result<any_scheduler>
{
    return std::visit(
        [&](auto const& options) -> result<any_scheduler> {
            using made = decltype(detail::scheduler_of(options));
            if constexpr (requires { made::make(options, steps); }) { // has sigmas of its own
                HAIGA_TRY(auto scheduler, made::make(options, steps));
                return any_scheduler(std::move(scheduler));
            } else {
                HAIGA_TRY(auto const schedule, make_schedule(config.schedule));
                HAIGA_TRY(auto scheduler, made::make(schedule, options, steps));
                return any_scheduler(std::move(scheduler));
            }
        },
        config.method);
}

} // namespace haiga::sched
