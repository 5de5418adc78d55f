#pragma once

#include "haiga/sched/config.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace haiga::sched {

namespace detail {

inline auto title(ddpm_options const&) -> std::string { return "DDPM"; }
inline auto title(ddim_options const&) -> std::string { return "DDIM"; }
inline auto title(euler_options const&) -> std::string { return "Euler"; }
inline auto title(euler_ancestral_options const&) -> std::string { return "Euler a"; }
inline auto title(heun_options const&) -> std::string { return "Heun"; }
inline auto title(lms_options const&) -> std::string { return "LMS"; }
inline auto title(pndm_options const&) -> std::string { return "PLMS"; }
inline auto title(dpm2_options const&) -> std::string { return "DPM2"; }
inline auto title(dpm2_ancestral_options const&) -> std::string { return "DPM2 a"; }
inline auto title(deis_options const&) -> std::string { return "DEIS"; }
inline auto title(unipc_options const&) -> std::string { return "UniPC"; }
inline auto title(lcm_options const&) -> std::string { return "LCM"; }
inline auto title(tcd_options const&) -> std::string { return "TCD"; }
inline auto title(edm_euler_options const&) -> std::string { return "EDM Euler"; }
inline auto title(edm_dpm_options const&) -> std::string { return "EDM DPM++"; }
inline auto title(flow_euler_options const&) -> std::string { return "Flow Euler"; }
inline auto title(flow_heun_options const&) -> std::string { return "Flow Heun"; }
inline auto title(sa_solver_options const&) -> std::string { return "SA-Solver"; }
inline auto title(dpm_sde_options const&) -> std::string { return "DPM++ SDE"; }

/// "DPM++ 2M SDE": the order, and M for multistep, S for singlestep.
template <class Options>
auto dpm_title(Options const& o, char kind) -> std::string
{
    bool const of_data = o.equation == dpm_equation::data || o.equation == dpm_equation::data_sde;
    bool const random =
        o.equation == dpm_equation::data_sde || o.equation == dpm_equation::noise_sde;
    return concat(of_data ? "DPM++ " : "DPM ", o.order, kind, random ? " SDE" : "");
}

inline auto title(dpm_multistep_options const& o) -> std::string { return dpm_title(o, 'M'); }
inline auto title(dpm_singlestep_options const& o) -> std::string { return dpm_title(o, 'S'); }

constexpr auto title(sigma_spacing sigmas) -> std::string_view
{
    switch (sigmas) {
    case sigma_spacing::karras: return "Karras";
    case sigma_spacing::exponential: return "Exponential";
    case sigma_spacing::beta: return "Beta";
    case sigma_spacing::lu: return "Lu";
    default: return {};
    }
}

} // namespace detail

/// What web UIs call a scheduler: "DPM++ 2M".
inline auto sampler_title(scheduler_config const& config) -> std::string
{
    return std::visit([](auto const& o) { return detail::title(o); }, config.method);
}

/// What they call its sigmas: "Karras"; nothing for those of its time steps.
inline auto schedule_title(scheduler_config const& config) -> std::string
{
    return std::visit(
        [](auto const& o) {
            if constexpr (requires { o.path.sigmas; }) {
                return std::string(detail::title(o.path.sigmas));
            } else if constexpr (requires { o.model.sigmas; }) {
                return std::string(detail::title(o.model.sigmas));
            } else if constexpr (requires { detail::title(o.sigmas); }) {
                return std::string(detail::title(o.sigmas));
            } else {
                return std::string();
            }
        },
        config.method);
}

} // namespace haiga::sched
