#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/config_keys.hpp"
#include "haiga/sched/config_solvers.hpp"

#include <boost/json/object.hpp>

// The keys of EDM's schedulers.
namespace haiga::sched::detail {

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

} // namespace haiga::sched::detail
