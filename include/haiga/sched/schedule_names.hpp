#pragma once

#include "haiga/sched/sampler_names.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <variant>

namespace haiga::sched {

namespace detail {

inline constexpr std::array<std::pair<std::string_view, sigma_spacing>, 5> sigma_names{
    {{"normal", sigma_spacing::of_timesteps},
     {"karras", sigma_spacing::karras},
     {"exponential", sigma_spacing::exponential},
     {"beta", sigma_spacing::beta},
     {"lu", sigma_spacing::lu}}};

inline constexpr std::array<std::pair<std::string_view, spacing>, 3> spacing_names{
    {{"linspace", spacing::linspace},
     {"leading", spacing::leading},
     {"trailing", spacing::trailing}}};

} // namespace detail

/// Which way the steps are spread: by sigmas ("karras", "exponential", "beta", "lu", "normal":
/// those of evenly spread times) or by times ("linspace", "leading", "trailing").
///
/// Errors: not_found, naming what there is; unsupported where the method has no such choice.
inline auto set_schedule(scheduler_config& config, std::string_view name) -> result<>
{
    auto const plain = plain_sampler_name(name);
    for (auto const& [known, sigmas] : detail::sigma_names) {
        if (plain == known) {
            return detail::set_sigmas(config.method, name, sigmas).map_error([&](failure&& f) {
                f.message =
                    concat("schedule \"", known, "\": this sampler has no sigmas to choose");
                return std::move(f);
            });
        }
    }
    for (auto const& [known, times] : detail::spacing_names) {
        if (plain == known) {
            return std::visit(
                [&, chosen = times](auto& o) -> result<> {
                    if constexpr (requires { o.path.timesteps; }) {
                        o.path.timesteps = chosen;
                    } else if constexpr (requires { o.timesteps; }) {
                        o.timesteps = chosen;
                    } else {
                        return fail(errc::unsupported, "schedule \"", plain,
                                    "\": this sampler has times of its own");
                    }
                    return {};
                },
                config.method);
        }
    }
    return fail(errc::not_found, "schedule \"", one_line(name, 80),
                "\" is not known; there are normal, karras, exponential, beta, lu, linspace, "
                "leading and trailing");
}

} // namespace haiga::sched
