#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The keys of a scheduler_config.json that schedulers share.
namespace haiga::sched::detail {

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

/// c: what the class has where its file says nothing.
inline auto read_schedule(boost::json::object const& file, schedule_config c)
    -> result<schedule_config>
{
    using shape = schedule_config::shape;
    constexpr names<shape, 6> shapes{{{"linear", shape::linear},
                                      {"scaled_linear", shape::scaled_linear},
                                      {"squaredcos_cap_v2", shape::squaredcos_cap_v2},
                                      {"sigmoid", shape::sigmoid},
                                      {"laplace", shape::laplace},
                                      {"exp", shape::exponential}}};
    if (auto const* own = file.if_contains("trained_betas"); own && !own->is_null()) {
        HAIGA_TRY(auto const betas, json::get<std::vector<double>>(file, "trained_betas"));
        for (double const beta : betas) {
            c.trained_betas.push_back(static_cast<float>(beta));
        }
        c.steps = static_cast<int>(betas.size());
        HAIGA_TRY(c.zero_terminal_snr, json::get(file, "rescale_betas_zero_snr", false));
        return c;
    }
    if (file.contains("beta_schedule")) {
        HAIGA_TRY(c.betas, get_named(file, "beta_schedule", "", shapes));
    }
    HAIGA_TRY(c.steps, json::get(file, "num_train_timesteps", c.steps));
    HAIGA_TRY(c.first_beta, json::get(file, "beta_start", c.first_beta));
    HAIGA_TRY(c.last_beta, json::get(file, "beta_end", c.last_beta));
    HAIGA_TRY(c.zero_terminal_snr, json::get(file, "rescale_betas_zero_snr", false));
    return c;
}

/// clips: whether the class clips where its file does not say.
inline auto read_limit(boost::json::object const& file, bool clips = true) -> result<limit>
{
    limit bound;
    HAIGA_TRY(bool const clip, json::get(file, "clip_sample", clips));
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

inline constexpr names<spacing, 3> spacings{{{"linspace", spacing::linspace},
                                             {"leading", spacing::leading},
                                             {"trailing", spacing::trailing}}};

inline auto read_kind(boost::json::object const& file) -> result<prediction>
{
    constexpr names<prediction, 5> kinds{{{"epsilon", prediction::epsilon},
                                          {"sample", prediction::sample},
                                          {"original_sample", prediction::sample},
                                          {"v_prediction", prediction::v},
                                          {"flow_prediction", prediction::flow}}};
    return get_named(file, "prediction_type", "epsilon", kinds);
}

/// What all have under the same names.
template <class Options>
auto read_common(boost::json::object const& file, std::string_view spaced) -> result<Options>
{
    Options options;
    HAIGA_TRY(options.kind, read_kind(file));
    HAIGA_TRY(options.timesteps, get_named(file, "timestep_spacing", spaced, spacings));
    HAIGA_TRY(options.steps_offset, json::get(file, "steps_offset", 0));
    return options;
}

/// Which of the flags use_..._sigmas is set. Errors: invalid for more than one, but for Karras'
/// sigmas of a flow.
inline auto read_sigmas(boost::json::object const& file) -> result<sigma_spacing>
{
    constexpr names<sigma_spacing, 5> flags{{{"use_karras_sigmas", sigma_spacing::karras},
                                             {"use_lu_lambdas", sigma_spacing::lu},
                                             {"use_exponential_sigmas", sigma_spacing::exponential},
                                             {"use_beta_sigmas", sigma_spacing::beta},
                                             {"use_flow_sigmas", sigma_spacing::flow}}};
    auto chosen = sigma_spacing::of_timesteps;
    std::string_view chosen_by;
    for (auto const& [key, sigmas] : flags) {
        HAIGA_TRY(bool const set, json::get(file, key, false));
        if (set && chosen_by.empty()) {
            chosen = sigmas;
            chosen_by = key;
        } else if (set && chosen == sigma_spacing::karras && sigmas == sigma_spacing::flow) {
            chosen = sigma_spacing::flow_karras;
        } else if (set) {
            return fail(errc::invalid, "scheduler: both ", chosen_by, " and ", key);
        }
    }
    return chosen;
}

inline constexpr names<last_sigma, 2> lasts{
    {{"zero", last_sigma::zero}, {"sigma_min", last_sigma::sigma_min}}};

inline constexpr names<time_shift, 2> time_shifts{
    {{"exponential", time_shift::exponential}, {"linear", time_shift::linear}}};

/// The number of a key, if there is one.
inline auto read_optional(boost::json::object const& file, std::string_view key)
    -> result<std::optional<double>>
{
    auto const* value = file.if_contains(key);
    if (!value || value->is_null()) {
        return std::nullopt;
    }
    HAIGA_TRY(double const number, json::get<double>(file, key));
    return number;
}

/// The same for sigma_min and sigma_max. Errors: invalid for others than -1, which is none, and
/// those above 0.
inline auto read_sigma(boost::json::object const& file, std::string_view key)
    -> result<std::optional<double>>
{
    HAIGA_TRY(auto const value, read_optional(file, key));
    if (!value || *value == -1) {
        return std::nullopt;
    }
    if (!(*value > 0)) {
        return fail(errc::invalid, "scheduler: ", key, ' ', *value, ", expected above 0");
    }
    return value;
}

} // namespace haiga::sched::detail
