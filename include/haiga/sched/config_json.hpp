#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace haiga::sched {

namespace detail {

template <class Value, std::size_t N>
using names = std::array<std::pair<std::string_view, Value>, N>;

/// The value that `name` stands for. Errors: unsupported, naming the key and what there is.
template <class Value, std::size_t N>
auto named(std::string_view key, std::string_view name, names<Value, N> const& table)
    -> result<Value>
{
    auto const at = std::find_if(table.begin(), table.end(),
                                 [&](auto const& entry) { return entry.first == name; });
    if (at != table.end()) {
        return at->second;
    }
    std::string known;
    for (auto const& entry : table) {
        known += concat(known.empty() ? "" : ", ", entry.first);
    }
    return fail(errc::unsupported, "scheduler: ", key, " \"", one_line(name, 80),
                "\", expected one of ", known);
}

template <class Value, std::size_t N>
auto get_named(boost::json::object const& file, std::string_view key, std::string_view otherwise,
               names<Value, N> const& table) -> result<Value>
{
    HAIGA_TRY(auto const name, json::get<std::string>(file, key, std::string(otherwise)));
    return named(key, name, table);
}

inline auto read_schedule(boost::json::object const& file) -> result<schedule_config>
{
    using shape = schedule_config::shape;
    constexpr names<shape, 3> shapes{{{"linear", shape::linear},
                                      {"scaled_linear", shape::scaled_linear},
                                      {"squaredcos_cap_v2", shape::squaredcos_cap_v2}}};
    if (auto const* betas = file.if_contains("trained_betas"); betas && !betas->is_null()) {
        return fail(errc::unsupported, "scheduler: trained_betas");
    }
    schedule_config c;
    HAIGA_TRY(c.betas, get_named(file, "beta_schedule", "linear", shapes));
    HAIGA_TRY(c.steps, json::get(file, "num_train_timesteps", c.steps));
    HAIGA_TRY(c.first_beta, json::get(file, "beta_start", c.first_beta));
    HAIGA_TRY(c.last_beta, json::get(file, "beta_end", c.last_beta));
    HAIGA_TRY(c.zero_terminal_snr, json::get(file, "rescale_betas_zero_snr", false));
    return c;
}

inline auto read_limit(boost::json::object const& file) -> result<limit>
{
    limit bound;
    HAIGA_TRY(bool const clip, json::get(file, "clip_sample", true));
    HAIGA_TRY(double const range, json::get(file, "clip_sample_range", 1.0));
    HAIGA_TRY(bool const thresholds, json::get(file, "thresholding", false));
    HAIGA_TRY(double const ratio, json::get(file, "dynamic_thresholding_ratio", 0.995));
    HAIGA_TRY(double const most, json::get(file, "sample_max_value", 1.0));
    if (!(range > 0) || !(ratio >= 0 && ratio <= 1) || !(most > 0)) {
        return fail(errc::invalid, "scheduler: clip_sample_range ", range,
                    ", dynamic_thresholding_ratio ", ratio, ", sample_max_value ", most);
    }
    if (thresholds) {
        bound.threshold = {static_cast<float>(ratio), static_cast<float>(most)};
    } else if (clip) {
        bound.clip = static_cast<float>(range);
    }
    return bound;
}

/// What all three have under the same names.
template <class Options>
auto read_common(boost::json::object const& file, std::string_view spaced) -> result<Options>
{
    constexpr names<prediction, 4> kinds{{{"epsilon", prediction::epsilon},
                                          {"sample", prediction::sample},
                                          {"original_sample", prediction::sample},
                                          {"v_prediction", prediction::v}}};
    constexpr names<spacing, 3> spacings{{{"linspace", spacing::linspace},
                                          {"leading", spacing::leading},
                                          {"trailing", spacing::trailing}}};
    Options options;
    HAIGA_TRY(options.kind, get_named(file, "prediction_type", "epsilon", kinds));
    HAIGA_TRY(options.timesteps, get_named(file, "timestep_spacing", spaced, spacings));
    HAIGA_TRY(options.steps_offset, json::get(file, "steps_offset", 0));
    return options;
}

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

inline auto read_sigmas(boost::json::object const& file) -> result<euler_options::sigma_spacing>
{
    using enum euler_options::sigma_spacing;
    constexpr names<euler_options::sigma_spacing, 2> interpolations{
        {{"linear", of_timesteps}, {"log_linear", log_linear}}};
    HAIGA_TRY(bool const by_beta, json::get(file, "use_beta_sigmas", false));
    HAIGA_TRY(bool const by_karras, json::get(file, "use_karras_sigmas", false));
    HAIGA_TRY(bool const by_exponent, json::get(file, "use_exponential_sigmas", false));
    if (by_beta || (by_karras && by_exponent)) {
        return fail(by_beta ? errc::unsupported : errc::invalid, "scheduler: ",
                    by_beta ? "use_beta_sigmas" : "both Karras and exponential sigmas");
    }
    HAIGA_TRY(auto const plain, get_named(file, "interpolation_type", "linear", interpolations));
    return by_karras ? karras : by_exponent ? exponential : plain;
}

inline auto read_euler(boost::json::object const& file) -> result<euler_options>
{
    using last = euler_options::last_sigma;
    constexpr names<last, 2> lasts{{{"zero", last::zero}, {"sigma_min", last::sigma_min}}};
    constexpr names<bool, 2> continuous{{{"discrete", false}, {"continuous", true}}};
    HAIGA_TRY(auto options, read_common<euler_options>(file, "linspace"));
    HAIGA_TRY(options.sigmas, read_sigmas(file));
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

} // namespace detail

/// The schedulers there are; a model's file may name another, whose noise schedule they share.
enum class method : std::uint8_t { ddpm, ddim, euler };

/// A scheduler_config.json of Diffusers. as: read it for this scheduler, whatever class it names;
/// keys that are missing have the defaults of the class that is read.
///
/// Errors: mismatch for a value of the wrong type; unsupported for what is not implemented
/// (classes,
///         learned variances, trained betas); invalid for numbers out of range. All name the key.
inline auto read_scheduler_config(boost::json::object const& file, std::optional<method> as = {})
    -> result<scheduler_config>
{
    constexpr detail::names<method, 3> classes{{{"DDPMScheduler", method::ddpm},
                                                {"DDIMScheduler", method::ddim},
                                                {"EulerDiscreteScheduler", method::euler}}};
    if (!as) {
        HAIGA_TRY(auto const name, json::get<std::string>(file, "_class_name"));
        HAIGA_TRY(as, detail::named("_class_name", name, classes));
    }
    scheduler_config config;
    HAIGA_TRY(config.schedule, detail::read_schedule(file));
    switch (*as) {
    case method::ddpm: {
        HAIGA_TRY(config.method, detail::read_ddpm(file));
        break;
    }
    case method::ddim: {
        HAIGA_TRY(config.method, detail::read_ddim(file));
        break;
    }
    case method::euler: {
        HAIGA_TRY(config.method, detail::read_euler(file));
        break;
    }
    }
    return config;
}

} // namespace haiga::sched
