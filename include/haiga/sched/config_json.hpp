#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/config_keys.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

inline auto read_ddpm(boost::json::object const& file) -> result<ddpm_options>
{
    constexpr names<variance, 4> variances{{{"fixed_small", variance::fixed_small},
                                            {"fixed_small_log", variance::fixed_small},
                                            {"fixed_large", variance::fixed_large},
                                            {"fixed_large_log", variance::fixed_large}}};
    HAIGA_TRY(auto options, read_common<ddpm_options>(file, "leading"));
    HAIGA_TRY(options.bound, read_limit(file));
    HAIGA_TRY(options.variance, get_named(file, "variance_type", "fixed_small", variances));
    return options;
}

inline auto read_ddim(boost::json::object const& file) -> result<ddim_options>
{
    HAIGA_TRY(auto options, read_common<ddim_options>(file, "leading"));
    HAIGA_TRY(options.bound, read_limit(file));
    HAIGA_TRY(options.set_alpha_to_one, json::get(file, "set_alpha_to_one", true));
    return options;
}

inline auto read_euler(boost::json::object const& file) -> result<euler_options>
{
    constexpr names<bool, 2> interpolations{{{"linear", false}, {"log_linear", true}}};
    constexpr names<bool, 2> continuous{{{"discrete", false}, {"continuous", true}}};
    HAIGA_TRY(auto options, read_common<euler_options>(file, "linspace"));
    HAIGA_TRY(options.sigmas, read_sigmas(file));
    HAIGA_TRY(bool const by_logarithm,
              get_named(file, "interpolation_type", "linear", interpolations));
    if (by_logarithm && options.sigmas == sigma_spacing::of_timesteps) {
        options.sigmas = sigma_spacing::log_linear;
    }
    HAIGA_TRY(options.last, get_named(file, "final_sigmas_type", "zero", lasts));
    HAIGA_TRY(options.continuous_timesteps,
              get_named(file, "timestep_type", "discrete", continuous));
    for (auto const& [key, sigma] :
         {std::pair("sigma_min", &options.sigma_min), std::pair("sigma_max", &options.sigma_max)}) {
        HAIGA_TRY(double const value, json::get(file, key, -1.0));
        if (value > 0) {
            *sigma = value;
        } else if (value != -1) {
            return fail(errc::invalid, "scheduler: ", key, ' ', value, ", expected above 0");
        }
    }
    return options;
}

/// Methods on x_0 + sigma epsilon that have no more keys than these.
template <class Options>
auto read_exploding(boost::json::object const& file) -> result<Options>
{
    HAIGA_TRY(auto options, read_common<Options>(file, "linspace"));
    HAIGA_TRY(options.sigmas, read_sigmas(file));
    return options;
}

inline auto read_heun(boost::json::object const& file) -> result<heun_options>
{
    HAIGA_TRY(auto options, read_exploding<heun_options>(file));
    HAIGA_TRY(options.bound, read_limit(file, false));
    options.bound.threshold.reset();
    return options;
}

inline auto read_pndm(boost::json::object const& file) -> result<pndm_options>
{
    HAIGA_TRY(auto options, read_common<pndm_options>(file, "leading"));
    HAIGA_TRY(options.skip_prk_steps, json::get(file, "skip_prk_steps", false));
    HAIGA_TRY(options.set_alpha_to_one, json::get(file, "set_alpha_to_one", false));
    return options;
}

/// What the family of DPM-Solver shares.
template <class Options>
auto read_solver(boost::json::object const& file) -> result<Options>
{
    Options options;
    HAIGA_TRY(options.kind, read_kind(file));
    HAIGA_TRY(options.bound, read_threshold(file));
    HAIGA_TRY(options.path, read_path(file));
    HAIGA_TRY(options.order, json::get(file, "solver_order", 2));
    HAIGA_TRY(options.lower_order_final,
              json::get(file, "lower_order_final", options.lower_order_final));
    return options;
}

/// Names that belong to other solvers mean the usual one, so that files can be read across classes.
template <class Options>
auto read_dpm(boost::json::object const& file) -> result<Options>
{
    using enum dpm_equation;
    using type = dpm_solver_type;
    constexpr names<dpm_equation, 5> equations{{{"dpmsolver++", data},
                                                {"dpmsolver", noise},
                                                {"sde-dpmsolver++", data_sde},
                                                {"sde-dpmsolver", noise_sde},
                                                {"deis", data}}};
    constexpr names<type, 5> types{{{"midpoint", type::midpoint},
                                    {"heun", type::heun},
                                    {"logrho", type::midpoint},
                                    {"bh1", type::midpoint},
                                    {"bh2", type::midpoint}}};
    HAIGA_TRY(auto options, read_solver<Options>(file));
    HAIGA_TRY(options.equation, get_named(file, "algorithm_type", "dpmsolver++", equations));
    HAIGA_TRY(options.type, get_named(file, "solver_type", "midpoint", types));
    return options;
}

inline auto read_dpm_multistep(boost::json::object const& file) -> result<dpm_multistep_options>
{
    HAIGA_TRY(auto options, read_dpm<dpm_multistep_options>(file));
    HAIGA_TRY(options.euler_at_final, json::get(file, "euler_at_final", false));
    HAIGA_TRY(auto const betas, json::get(file, "beta_schedule", std::string("linear")));
    options.path.rounds_times = betas != "squaredcos_cap_v2";
    return options;
}

/// Diffusers' singlestep solver knows linspace alone.
inline auto read_dpm_singlestep(boost::json::object const& file) -> result<dpm_singlestep_options>
{
    HAIGA_TRY(auto options, read_dpm<dpm_singlestep_options>(file));
    options.path.timesteps = spacing::linspace;
    return options;
}

inline auto read_unipc(boost::json::object const& file) -> result<unipc_options>
{
    using type = unipc_options::solver;
    constexpr names<type, 5> types{{{"bh1", type::bh1},
                                    {"bh2", type::bh2},
                                    {"midpoint", type::bh2},
                                    {"heun", type::bh2},
                                    {"logrho", type::bh2}}};
    HAIGA_TRY(auto options, read_solver<unipc_options>(file));
    HAIGA_TRY(options.predict_x0, json::get(file, "predict_x0", true));
    HAIGA_TRY(options.type, get_named(file, "solver_type", "bh2", types));
    HAIGA_TRY(options.disable_corrector, json::get(file, "disable_corrector", std::vector<int>{}));
    return options;
}

/// The keys of LCM and TCD.
template <class Options>
auto read_distilled(boost::json::object const& file) -> result<Options>
{
    Options options;
    HAIGA_TRY(options.kind, read_kind(file));
    HAIGA_TRY(options.original_inference_steps, json::get(file, "original_inference_steps", 50));
    return options;
}

inline auto read_lcm(boost::json::object const& file) -> result<lcm_options>
{
    HAIGA_TRY(auto options, read_distilled<lcm_options>(file));
    HAIGA_TRY(options.bound, read_limit(file, false));
    HAIGA_TRY(options.timestep_scaling, json::get(file, "timestep_scaling", 10.0F));
    return options;
}

inline auto read_tcd(boost::json::object const& file) -> result<tcd_options>
{
    return read_distilled<tcd_options>(file);
}

inline auto read_edm(boost::json::object const& file) -> result<edm_options>
{
    constexpr names<sigma_spacing, 2> sigmas{
        {{"karras", sigma_spacing::karras}, {"exponential", sigma_spacing::exponential}}};
    edm_options options;
    HAIGA_TRY(options.sigma_min, json::get(file, "sigma_min", options.sigma_min));
    HAIGA_TRY(options.sigma_max, json::get(file, "sigma_max", options.sigma_max));
    HAIGA_TRY(options.sigma_data, json::get(file, "sigma_data", options.sigma_data));
    HAIGA_TRY(options.rho, json::get(file, "rho", options.rho));
    HAIGA_TRY(options.sigmas, get_named(file, "sigma_schedule", "karras", sigmas));
    HAIGA_TRY(options.kind, read_kind(file));
    HAIGA_TRY(options.last, get_named(file, "final_sigmas_type", "zero", lasts));
    return options;
}

inline auto read_edm_euler(boost::json::object const& file) -> result<edm_euler_options>
{
    edm_euler_options options;
    HAIGA_TRY(options.model, read_edm(file));
    return options;
}

inline auto read_edm_dpm(boost::json::object const& file) -> result<edm_dpm_options>
{
    HAIGA_TRY(auto const shared, read_dpm_multistep(file));
    edm_dpm_options options{.bound = shared.bound,
                            .equation = shared.equation,
                            .type = shared.type,
                            .order = shared.order,
                            .lower_order_final = shared.lower_order_final,
                            .euler_at_final = shared.euler_at_final};
    HAIGA_TRY(options.model, read_edm(file));
    return options;
}

/// A flow's file does not say what the model predicts.
inline auto read_flow(boost::json::object const& file) -> result<flow_options>
{
    using shift = flow_options::time_shift;
    constexpr names<shift, 2> shifts{
        {{"exponential", shift::exponential}, {"linear", shift::linear}}};
    flow_options options;
    HAIGA_TRY(options.train_steps, json::get(file, "num_train_timesteps", 1000));
    HAIGA_TRY(options.shift, json::get(file, "shift", 1.0));
    HAIGA_TRY(options.dynamic, json::get(file, "use_dynamic_shifting", false));
    HAIGA_TRY(options.shifts, get_named(file, "time_shift_type", "exponential", shifts));
    HAIGA_TRY(options.sigmas, read_sigmas(file));
    HAIGA_TRY(bool const inverted, json::get(file, "invert_sigmas", false));
    if (inverted) {
        return fail(errc::unsupported, "scheduler: invert_sigmas");
    }
    if (auto const* terminal = file.if_contains("shift_terminal");
        terminal && !terminal->is_null()) {
        HAIGA_TRY(options.shift_terminal, json::get<double>(file, "shift_terminal"));
    }
    return options;
}

inline auto read_flow_euler(boost::json::object const& file) -> result<flow_euler_options>
{
    flow_euler_options options;
    HAIGA_TRY(options.path, read_flow(file));
    HAIGA_TRY(options.stochastic, json::get(file, "stochastic_sampling", false));
    return options;
}

inline auto read_flow_heun(boost::json::object const& file) -> result<flow_heun_options>
{
    flow_heun_options options;
    HAIGA_TRY(options.path, read_flow(file));
    return options;
}

inline auto read_sa_solver(boost::json::object const& file) -> result<sa_solver_options>
{
    constexpr names<bool, 2> equations{{{"data_prediction", true}, {"noise_prediction", false}}};
    sa_solver_options options;
    HAIGA_TRY(options.kind, read_kind(file));
    HAIGA_TRY(options.bound, read_threshold(file));
    HAIGA_TRY(options.path, read_path(file));
    HAIGA_TRY(options.predict_x0, get_named(file, "algorithm_type", "data_prediction", equations));
    HAIGA_TRY(options.predictor_order, json::get(file, "predictor_order", 2));
    HAIGA_TRY(options.corrector_order, json::get(file, "corrector_order", 2));
    HAIGA_TRY(options.lower_order_final, json::get(file, "lower_order_final", true));
    return options;
}

inline auto read_options(boost::json::object const& file, method of)
    -> result<decltype(scheduler_config::method)>
{
    switch (of) {
    case method::ddpm: return read_ddpm(file);
    case method::ddim: return read_ddim(file);
    case method::euler: return read_euler(file);
    case method::euler_ancestral: return read_exploding<euler_ancestral_options>(file);
    case method::heun: return read_heun(file);
    case method::lms: return read_exploding<lms_options>(file);
    case method::pndm: return read_pndm(file);
    case method::dpm2: return read_exploding<dpm2_options>(file);
    case method::dpm2_ancestral: return read_exploding<dpm2_ancestral_options>(file);
    case method::dpm_multistep: return read_dpm_multistep(file);
    case method::dpm_singlestep: return read_dpm_singlestep(file);
    case method::deis: return read_solver<deis_options>(file);
    case method::unipc: return read_unipc(file);
    case method::lcm: return read_lcm(file);
    case method::tcd: return read_tcd(file);
    case method::edm_euler: return read_edm_euler(file);
    case method::edm_dpm: return read_edm_dpm(file);
    case method::flow_euler: return read_flow_euler(file);
    case method::flow_heun: return read_flow_heun(file);
    case method::sa_solver: return read_sa_solver(file);
    case method::dpm_sde: return read_exploding<dpm_sde_options>(file);
    }
    return fail(errc::unsupported, "scheduler: no such method");
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
/// Errors: mismatch for a value of the wrong type; unsupported for what is not implemented
/// (classes, learned variances); invalid for numbers out of range. All name the key.
inline auto read_scheduler_config(boost::json::object const& file, std::optional<method> as = {})
    -> result<scheduler_config>
{
    if (!as) {
        HAIGA_TRY(auto const name, json::get<std::string>(file, "_class_name"));
        HAIGA_TRY(as, detail::named("_class_name", name, detail::classes));
    }
    scheduler_config config;
    HAIGA_TRY(config.schedule, detail::read_schedule(file, detail::default_schedule(*as)));
    HAIGA_TRY(config.method, detail::read_options(file, *as));
    return config;
}

} // namespace haiga::sched
