#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/config_keys.hpp"

#include <boost/json/object.hpp>

// The keys of DDPM, DDIM, PNDM, LCM and TCD, which step at whole time steps.
namespace haiga::sched::detail {

inline auto read_ddpm(boost::json::object const& file) -> result<ddpm_options>
{
    // learned ones are refused by read_scheduler_config
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

inline auto read_pndm(boost::json::object const& file) -> result<pndm_options>
{
    HAIGA_TRY(auto options, read_common<pndm_options>(file, "leading"));
    HAIGA_TRY(options.skip_prk_steps, json::get(file, "skip_prk_steps", false));
    HAIGA_TRY(options.set_alpha_to_one, json::get(file, "set_alpha_to_one", false));
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

} // namespace haiga::sched::detail
