#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/config_keys.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <vector>

// The keys of the solvers on samples of preserved variance: DPM-Solver, DEIS, UniPC, SA-Solver.
namespace haiga::sched::detail {

/// Solvers know thresholds, and no clipping.
inline auto read_threshold(boost::json::object const& file) -> result<limit>
{
    HAIGA_TRY(auto bound, read_limit(file, false));
    bound.clip.reset();
    return bound;
}

inline auto read_path(boost::json::object const& file) -> result<path_options>
{
    path_options path;
    HAIGA_TRY(path.timesteps, get_named(file, "timestep_spacing", "linspace", spacings));
    HAIGA_TRY(path.steps_offset, json::get(file, "steps_offset", 0));
    HAIGA_TRY(path.sigmas, read_sigmas(file));
    HAIGA_TRY(path.sigma_min, read_sigma(file, "sigma_min"));
    HAIGA_TRY(path.sigma_max, read_sigma(file, "sigma_max"));
    HAIGA_TRY(path.last, get_named(file, "final_sigmas_type", "zero", lasts));
    HAIGA_TRY(path.flow_shift, json::get(file, "flow_shift", 1.0));
    HAIGA_TRY(path.dynamic, json::get(file, "use_dynamic_shifting", false));
    HAIGA_TRY(path.shifts, get_named(file, "time_shift_type", "exponential", time_shifts));
    return path;
}

/// Diffusers writes "-Infinity" where nothing is clipped.
inline void read_clipped_lambda(boost::json::object const& file, path_options& path)
{
    auto const* clipped = file.if_contains("lambda_min_clipped");
    if (clipped && clipped->is_number()) {
        path.lambda_min_clipped = clipped->to_number<double>();
    }
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
    read_clipped_lambda(file, options.path);
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
    HAIGA_TRY(options.path.shift_terminal, read_optional(file, "shift_terminal"));
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
    read_clipped_lambda(file, options.path);
    return options;
}

} // namespace haiga::sched::detail
