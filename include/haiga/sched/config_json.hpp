#pragma once

#include "haiga/base/result.hpp"
#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/config_discrete.hpp"
#include "haiga/sched/config_edm.hpp"
#include "haiga/sched/config_exploding.hpp"
#include "haiga/sched/config_flow.hpp"
#include "haiga/sched/config_keys.hpp"
#include "haiga/sched/config_solvers.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace haiga::sched {

/// The schedulers there are; a model's file may name another, whose noise schedule they share.
enum class method : std::uint8_t {
    ddpm,
    ddim,
    euler,
    euler_ancestral,
    heun,
    lms,
    pndm,
    dpm2,
    dpm2_ancestral,
    dpm_multistep,
    dpm_singlestep,
    deis,
    unipc,
    lcm,
    tcd,
    edm_euler,
    edm_dpm,
    flow_euler,
    flow_heun,
    sa_solver,
    dpm_sde
};

namespace detail {

/// The options of a scheduler, whichever it is.
inline auto read_options(boost::json::object const& file, method of)
    -> result<decltype(scheduler_config::method)>
{
    using options = decltype(scheduler_config::method);
    switch (of) {
    case method::ddpm: return widened<options>(read_ddpm(file));
    case method::ddim: return widened<options>(read_ddim(file));
    case method::euler: return widened<options>(read_euler(file));
    case method::euler_ancestral:
        return widened<options>(read_exploding<euler_ancestral_options>(file));
    case method::heun: return widened<options>(read_heun(file));
    case method::lms: return widened<options>(read_exploding<lms_options>(file));
    case method::pndm: return widened<options>(read_pndm(file));
    case method::dpm2: return widened<options>(read_exploding<dpm2_options>(file));
    case method::dpm2_ancestral:
        return widened<options>(read_exploding<dpm2_ancestral_options>(file));
    case method::dpm_multistep: return widened<options>(read_dpm_multistep(file));
    case method::dpm_singlestep: return widened<options>(read_dpm_singlestep(file));
    case method::deis: return widened<options>(read_solver<deis_options>(file));
    case method::unipc: return widened<options>(read_unipc(file));
    case method::lcm: return widened<options>(read_lcm(file));
    case method::tcd: return widened<options>(read_distilled<tcd_options>(file));
    case method::edm_euler: return widened<options>(read_edm_euler(file));
    case method::edm_dpm: return widened<options>(read_edm_dpm(file));
    case method::flow_euler: return widened<options>(read_flow_euler(file));
    case method::flow_heun: return widened<options>(read_flow_heun(file));
    case method::sa_solver: return widened<options>(read_sa_solver(file));
    case method::dpm_sde: return widened<options>(read_dpm_sde(file));
    }
    return fail(errc::unsupported, "scheduler: no such method");
}

/// Errors: unsupported, naming the key, for what Diffusers has and no scheduler here.
inline auto refuse_unsupported(boost::json::object const& file) -> result<>
{
    HAIGA_TRY(auto const variance, json::get(file, "variance_type", std::string()));
    if (variance == "learned" || variance == "learned_range") {
        return fail(errc::unsupported, "scheduler: variance_type \"", variance,
                    "\": models that tell a variance beside the noise");
    }
    HAIGA_TRY(bool const inverted, json::get(file, "invert_sigmas", false));
    if (inverted) {
        return fail(errc::unsupported, "scheduler: invert_sigmas");
    }
    for (auto const* key : {"solver_p", "tau_func"}) {
        if (auto const* value = file.if_contains(key); value && !value->is_null()) {
            return fail(errc::unsupported, "scheduler: ", key);
        }
    }
    return {};
}

/// Diffusers' classes.
inline constexpr names<method, 21> classes{
    {{"DDPMScheduler", method::ddpm},
     {"DDIMScheduler", method::ddim},
     {"EulerDiscreteScheduler", method::euler},
     {"EulerAncestralDiscreteScheduler", method::euler_ancestral},
     {"HeunDiscreteScheduler", method::heun},
     {"LMSDiscreteScheduler", method::lms},
     {"PNDMScheduler", method::pndm},
     {"KDPM2DiscreteScheduler", method::dpm2},
     {"KDPM2AncestralDiscreteScheduler", method::dpm2_ancestral},
     {"DPMSolverMultistepScheduler", method::dpm_multistep},
     {"DPMSolverSinglestepScheduler", method::dpm_singlestep},
     {"DEISMultistepScheduler", method::deis},
     {"UniPCMultistepScheduler", method::unipc},
     {"LCMScheduler", method::lcm},
     {"TCDScheduler", method::tcd},
     {"EDMEulerScheduler", method::edm_euler},
     {"EDMDPMSolverMultistepScheduler", method::edm_dpm},
     {"FlowMatchEulerDiscreteScheduler", method::flow_euler},
     {"FlowMatchHeunDiscreteScheduler", method::flow_heun},
     {"SASolverScheduler", method::sa_solver},
     {"DPMSolverSDEScheduler", method::dpm_sde}}};

/// The noise schedule that a class has where its file says nothing.
inline auto default_schedule(method of) -> schedule_config
{
    schedule_config c;
    if (of == method::lcm || of == method::tcd) {
        c.betas = schedule_config::shape::scaled_linear;
    }
    if (of == method::lcm || of == method::tcd || of == method::heun || of == method::dpm2 ||
        of == method::dpm2_ancestral || of == method::dpm_sde) {
        c.first_beta = 0.00085;
        c.last_beta = 0.012;
    }
    return c;
}

} // namespace detail

/// A scheduler_config.json of Diffusers. as: read it for this scheduler, whatever class it names;
/// keys that are missing have the defaults of the class that is read.
///
/// Errors: mismatch for a value of the wrong type; unsupported for what is not implemented (other
/// classes, learned variances, invert_sigmas, solver_p, tau_func); invalid for numbers out of
/// range. All name the key.
inline auto read_scheduler_config(boost::json::object const& file, std::optional<method> as = {})
    -> result<scheduler_config>
{
    if (!as) {
        HAIGA_TRY(auto const name, json::get<std::string>(file, "_class_name"));
        HAIGA_TRY(as, detail::named("_class_name", name, detail::classes));
    }
    HAIGA_TRY_VOID(detail::refuse_unsupported(file));
    scheduler_config config;
    HAIGA_TRY(config.schedule, detail::read_schedule(file, detail::default_schedule(*as)));
    HAIGA_TRY(config.method, detail::read_options(file, *as));
    return config;
}

} // namespace haiga::sched
