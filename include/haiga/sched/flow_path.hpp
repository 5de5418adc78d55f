#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/sigma_path.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace haiga::sched {

/// A straight flow's times, sigma from 1 to 0: x = (1 - sigma) x_0 + sigma epsilon.
struct flow_options {
    /// How mu shifts: by e^mu or by mu itself.
    enum class time_shift : std::uint8_t { exponential, linear };

    prediction kind = prediction::flow; ///< or sample
    int train_steps = 1000;
    double shift = 1;           ///< Source: Esser et al. 2024, arXiv:2403.03206, eq. 23
    bool dynamic = false;       ///< shifted by mu instead, which depends on the picture: flow_mu
    std::optional<double> mu{}; ///< dynamic needs it
    time_shift shifts = time_shift::exponential;
    std::optional<double> shift_terminal{}; ///< the times are stretched, so that the last is this
    sigma_spacing sigmas = sigma_spacing::of_timesteps; ///< or karras, exponential, beta
};

/// The mu of a picture of some tokens: linear in them, low shift at `few` tokens, high at `many`.
/// Source: Flux's published inference code; the defaults are Diffusers'.
constexpr auto flow_mu(int tokens, double low = 0.5, double high = 1.15, int few = 256,
                       int many = 4096) -> double
{
    return low + (tokens - few) * ((high - low) / (many - few));
}

namespace detail {

inline auto check_flow_options(flow_options const& o, int steps) -> result<>
{
    if (steps < 1 || o.train_steps < 1 || !(o.shift > 0)) {
        return fail(errc::invalid, "flow: ", steps, " steps of ", o.train_steps, ", shift ",
                    o.shift, ", expected above 0");
    }
    if (o.dynamic && !o.mu) {
        return fail(errc::invalid, "flow: use_dynamic_shifting needs mu, which depends on the size "
                                   "of the picture");
    }
    if (o.shift_terminal && !(*o.shift_terminal >= 0 && *o.shift_terminal < 1)) {
        return fail(errc::invalid, "flow: shift_terminal ", *o.shift_terminal,
                    ", expected in [0, 1)");
    }
    if (o.kind != prediction::flow && o.kind != prediction::sample) {
        return fail(errc::unsupported, "flow: models of a flow or of x_0 alone");
    }
    if (o.sigmas == sigma_spacing::log_linear || o.sigmas == sigma_spacing::lu ||
        o.sigmas == sigma_spacing::flow) {
        return fail(errc::unsupported, "flow: Karras, exponential and beta sigmas alone");
    }
    return {};
}

inline auto shift_flow(flow_options const& o, double sigma) -> double
{
    if (!o.dynamic) {
        return o.shift * sigma / (1 + (o.shift - 1) * sigma);
    }
    double const by = o.shifts == flow_options::time_shift::exponential ? std::exp(*o.mu) : *o.mu;
    return by / (by + (1 / sigma - 1));
}

} // namespace detail

/// Errors: invalid for numbers out of range; unsupported for other models and spacings.
inline auto flow_path(flow_options const& o, int steps) -> result<sigma_path>
{
    HAIGA_TRY_VOID(detail::check_flow_options(o, steps));
    // the ends are shifted once before training's times are spaced, and all once more
    auto const end = [&](float sigma) {
        auto const s = static_cast<float>(o.shift);
        return o.dynamic ? sigma : s * sigma / (1 + (s - 1) * sigma);
    };
    double const high = double{end(1)} * o.train_steps;
    double const low = double{end(1 / static_cast<float>(o.train_steps))} * o.train_steps;
    std::vector<double> sigmas;
    for (int i = 0; i < steps; ++i) {
        double const time = steps == 1 ? high : high + i * ((low - high) / (steps - 1));
        sigmas.push_back(detail::shift_flow(o, time / o.train_steps));
    }
    if (o.shift_terminal && *o.shift_terminal > 0) {
        double const scale = (1 - sigmas.back()) / (1 - *o.shift_terminal);
        for (double& sigma : sigmas) {
            sigma = 1 - (1 - sigma) / scale;
        }
    }
    auto const spaced = spaced_sigmas(o.sigmas, sigmas.front(), sigmas.back(), steps);
    if (!spaced.empty()) {
        sigmas = spaced;
    }
    sigma_path path;
    path.flow = true;
    for (double const sigma : sigmas) {
        path.sigmas.push_back(static_cast<float>(sigma));
        path.times.push_back(path.sigmas.back() * static_cast<float>(o.train_steps));
    }
    path.sigmas.push_back(0);
    return path;
}

} // namespace haiga::sched
