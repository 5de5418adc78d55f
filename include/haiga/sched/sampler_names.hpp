#pragma once

#include "haiga/sched/config_json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace haiga::sched {

/// A sampler by the name that people know it by: a scheduler, and what the name says besides.
struct sampler_name {
    std::string_view name;
    sched::method method;
    std::optional<dpm_equation> equation{};
    std::optional<int> order{};
};

/// In the form that plain_sampler_name gives.
inline constexpr std::array<sampler_name, 40> sampler_names{{
    {"ddpm", method::ddpm},
    {"ddim", method::ddim},
    {"euler", method::euler},
    {"euler_a", method::euler_ancestral},
    {"euler_ancestral", method::euler_ancestral},
    {"heun", method::heun},
    {"lms", method::lms},
    {"pndm", method::pndm},
    {"plms", method::pndm},
    {"dpm2", method::dpm2},
    {"dpm_2", method::dpm2},
    {"dpm2_a", method::dpm2_ancestral},
    {"dpm2_ancestral", method::dpm2_ancestral},
    {"dpm_2_ancestral", method::dpm2_ancestral},
    {"dpmpp", method::dpm_multistep},
    {"dpmpp_1", method::dpm_multistep, dpm_equation::data, 1},
    {"dpmpp_2m", method::dpm_multistep, dpm_equation::data, 2},
    {"dpmpp_3m", method::dpm_multistep, dpm_equation::data, 3},
    {"dpmpp_2m_sde", method::dpm_multistep, dpm_equation::data_sde, 2},
    {"dpmpp_3m_sde", method::dpm_multistep, dpm_equation::data_sde, 3},
    {"dpmpp_2s", method::dpm_singlestep, dpm_equation::data, 2},
    {"dpmpp_3s", method::dpm_singlestep, dpm_equation::data, 3},
    {"dpmpp_2s_sde", method::dpm_singlestep, dpm_equation::data_sde, 2},
    {"dpmpp_sde", method::dpm_sde},
    {"deis", method::deis},
    {"unipc", method::unipc},
    {"uni_pc", method::unipc},
    {"lcm", method::lcm},
    {"tcd", method::tcd},
    {"edm_euler", method::edm_euler},
    {"edm_dpmpp", method::edm_dpm},
    {"edm_dpmpp_2m", method::edm_dpm, dpm_equation::data, 2},
    {"edm_dpmpp_3m", method::edm_dpm, dpm_equation::data, 3},
    {"edm_dpmpp_2m_sde", method::edm_dpm, dpm_equation::data_sde, 2},
    {"flow_euler", method::flow_euler},
    {"flow_match_euler", method::flow_euler},
    {"flow_heun", method::flow_heun},
    {"flow_match_heun", method::flow_heun},
    {"sa_solver", method::sa_solver},
    {"sa", method::sa_solver},
}};

/// "DPM++ 2M Karras" -> "dpmpp_2m_karras".
inline auto plain_sampler_name(std::string_view name) -> std::string
{
    std::string plain;
    for (char const c : name) {
        if (c >= 'A' && c <= 'Z') {
            plain += static_cast<char>(c - 'A' + 'a');
        } else if (c == '+') {
            plain += 'p';
        } else {
            plain += c == ' ' || c == '-' ? '_' : c;
        }
    }
    return plain;
}

namespace detail {

inline constexpr std::array<std::pair<std::string_view, sigma_spacing>, 4> sigma_suffixes{
    {{"_karras", sigma_spacing::karras},
     {"_exponential", sigma_spacing::exponential},
     {"_beta", sigma_spacing::beta},
     {"_lu", sigma_spacing::lu}}};

/// Letters to insert, delete or replace to make one of the other. Source: Levenshtein 1966.
inline auto edit_distance(std::string_view a, std::string_view b) -> std::size_t
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            auto const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

inline auto nearest_sampler(std::string_view name) -> std::string_view
{
    return std::min_element(sampler_names.begin(), sampler_names.end(),
                            [&](auto const& a, auto const& b) {
                                return edit_distance(a.name, name) < edit_distance(b.name, name);
                            })
        ->name;
}

/// Errors: unsupported, naming the sampler, where it has no sigmas to choose.
inline auto set_sigmas(decltype(scheduler_config::method)& options, std::string_view name,
                       sigma_spacing sigmas) -> result<>
{
    return std::visit(
        [&](auto& o) -> result<> {
            if constexpr (requires { o.path.sigmas; }) {
                o.path.sigmas = sigmas;
            } else if constexpr (requires { o.model.sigmas; }) {
                o.model.sigmas = sigmas;
            } else if constexpr (requires { o.sigmas; }) {
                o.sigmas = sigmas;
            } else {
                return fail(errc::unsupported, "sampler \"", one_line(name, 80),
                            "\": this method has no sigmas to choose");
            }
            return {};
        },
        options);
}

} // namespace detail

/// The scheduler of a name, such as "euler_a", "dpmpp_2m_karras" or "DPM++ 2M Karras", with the
/// noise schedule and the other options of a model's scheduler_config.json, whatever class that
/// names.
///
/// Errors: not_found for an unknown name, with the nearest known; unsupported for sigmas that the
///         method does not have; those of read_scheduler_config.
inline auto named_scheduler_config(std::string_view name, boost::json::object const& file = {})
    -> result<scheduler_config>
{
    auto const plain = plain_sampler_name(name);
    std::string_view base = plain;
    auto sigmas = sigma_spacing::of_timesteps;
    std::string_view suffix;
    for (auto const& [ending, spacing] : detail::sigma_suffixes) {
        if (base.ends_with(ending)) {
            suffix = ending;
            sigmas = spacing;
            base.remove_suffix(ending.size());
            break;
        }
    }
    auto const found = std::find_if(sampler_names.begin(), sampler_names.end(),
                                    [&](sampler_name const& s) { return s.name == base; });
    if (found == sampler_names.end()) {
        return fail(errc::not_found, "sampler \"", one_line(name, 80),
                    "\" is not known; nearest is \"", detail::nearest_sampler(base), suffix, '"');
    }
    HAIGA_TRY(auto config, read_scheduler_config(file, found->method));
    std::visit(
        [&](auto& o) {
            if constexpr (requires { o.equation; }) {
                o.equation = found->equation.value_or(o.equation);
                o.order = found->order.value_or(o.order);
            }
            if constexpr (requires { o.skip_prk_steps; }) {
                o.skip_prk_steps = o.skip_prk_steps || base == "plms";
            }
        },
        config.method);
    if (sigmas != sigma_spacing::of_timesteps) {
        HAIGA_TRY_VOID(detail::set_sigmas(config.method, name, sigmas));
    }
    return config;
}

} // namespace haiga::sched
