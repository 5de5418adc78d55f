#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/config_keys.hpp"

#include <boost/json/object.hpp>

#include <cstdint>

// The keys of methods on samples x_0 + sigma epsilon: Euler, Heun, LMS, DPM2, DPM++ SDE.
namespace haiga::sched::detail {

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
    HAIGA_TRY(options.sigma_min, read_sigma(file, "sigma_min"));
    HAIGA_TRY(options.sigma_max, read_sigma(file, "sigma_max"));
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

inline auto read_dpm_sde(boost::json::object const& file) -> result<dpm_sde_options>
{
    HAIGA_TRY(auto options, read_exploding<dpm_sde_options>(file));
    if (auto const* seed = file.if_contains("noise_sampler_seed"); seed && !seed->is_null()) {
        HAIGA_TRY(options.seed, json::get<std::uint64_t>(file, "noise_sampler_seed"));
    }
    return options;
}

} // namespace haiga::sched::detail
