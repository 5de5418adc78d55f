#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/sigma_path.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

namespace haiga::sched {

/// What models in EDM's preconditioning are sampled with.
/// Source: Karras et al. 2022, arXiv:2206.00364, table 1 and eq. 5.
struct edm_options {
    double sigma_min = 0.002;
    double sigma_max = 80;
    float sigma_data = 0.5F;
    sigma_spacing sigmas = sigma_spacing::karras; ///< or exponential
    double rho = 7;                               ///< of karras
    prediction kind = prediction::epsilon;        ///< F of table 1; v: -F
    last_sigma last = last_sigma::zero;
};

namespace detail {

/// Errors: invalid for sigmas out of order, for a rho of 0, and for fewer steps than one;
///         unsupported for other spacings and for flows.
inline auto check_edm(edm_options const& o, int steps) -> result<>
{
    if (!(o.sigma_min > 0) || !(o.sigma_max > o.sigma_min) || !(o.sigma_data > 0) || !(o.rho > 0)) {
        return fail(errc::invalid, "edm: sigma_min ", o.sigma_min, ", sigma_max ", o.sigma_max,
                    ", sigma_data ", o.sigma_data, ", rho ", o.rho,
                    ", expected above 0 and the first below the second");
    }
    if (steps < 1) {
        return fail(errc::invalid, "edm: ", steps, " steps");
    }
    if (o.kind == prediction::flow ||
        (o.sigmas != sigma_spacing::karras && o.sigmas != sigma_spacing::exponential)) {
        return fail(errc::unsupported, "edm: Karras or exponential sigmas; epsilon, sample or v");
    }
    return {};
}

/// Evenly in log sigma, float32 as Diffusers has it.
inline auto edm_exponential(edm_options const& o, int steps) -> std::vector<float>
{
    auto sigmas = even_floats(static_cast<float>(std::log(o.sigma_min)),
                              static_cast<float>(std::log(o.sigma_max)), steps);
    std::transform(sigmas.begin(), sigmas.end(), sigmas.begin(),
                   [](float s) { return std::exp(s); });
    std::reverse(sigmas.begin(), sigmas.end());
    return sigmas;
}

/// Evenly in sigma^(1/rho), with arithmetic in T.
template <class T>
auto edm_karras(edm_options const& o, int steps) -> std::vector<float>
{
    auto const first = static_cast<T>(std::pow(o.sigma_max, 1 / o.rho));
    auto const way =
        static_cast<T>(std::pow(o.sigma_min, 1 / o.rho) - std::pow(o.sigma_max, 1 / o.rho));
    auto const ramp = even_floats(0, 1, steps);
    std::vector<float> sigmas;
    for (int i = 0; i < steps; ++i) {
        T const part = std::is_same_v<T, float> ? static_cast<T>(ramp[static_cast<std::size_t>(i)])
                                                : static_cast<T>(steps > 1 ? i / (steps - 1.0) : 0);
        sigmas.push_back(static_cast<float>(std::pow(first + part * way, static_cast<T>(o.rho))));
    }
    return sigmas;
}

/// x_0 from a sample with noise s. Source: table 1, c_skip and c_out.
inline auto edm_clean(edm_options const& o, float s) -> from_output
{
    float const d = o.sigma_data;
    float const out = s * d / std::sqrt(s * s + d * d);
    switch (o.kind) {
    case prediction::epsilon: return {d * d / (s * s + d * d), out};
    case prediction::v: return {d * d / (s * s + d * d), -out};
    case prediction::sample:
    case prediction::flow: break;
    }
    return {0, 1};
}

/// What methods for such models have in common: one evaluation a step.
class edm_steps {
public:
    [[nodiscard]] auto steps() const -> int { return static_cast<int>(sigmas_.size()) - 1; }
    [[nodiscard]] auto timestep(int i) const -> float { return 0.25F * std::log(sigma(i)); }
    [[nodiscard]] auto sigma(int i) const -> float
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return sigmas_[static_cast<std::size_t>(i)];
    }
    [[nodiscard]] auto input_scale(int i) const -> float
    {
        float const d = model_.sigma_data;
        return 1 / std::sqrt(sigma(i) * sigma(i) + d * d);
    }
    [[nodiscard]] auto initial_sigma() const -> float
    {
        return static_cast<float>(std::sqrt(model_.sigma_max * model_.sigma_max + 1));
    }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1, sigma(i)}; }

protected:
    /// sigmas: one a step, then where the last one ends.
    edm_steps(edm_options const& model, std::vector<float> sigmas)
        : model_(model), sigmas_(std::move(sigmas))
    {
    }
    /// Where step i ends.
    [[nodiscard]] auto end_sigma(int i) const -> float
    {
        return sigmas_[static_cast<std::size_t>(i) + 1];
    }
    /// x_0, told by a model that saw this sigma.
    [[nodiscard]] auto told(float sigma) const -> from_output { return edm_clean(model_, sigma); }

private:
    edm_options model_;
    std::vector<float> sigmas_;
};

} // namespace detail

} // namespace haiga::sched
