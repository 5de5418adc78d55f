#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"
#include "haiga/sched/sigma_path.hpp"
#include "haiga/sched/time_shift.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace haiga::sched {

/// A straight flow's times, sigma from 1 to 0: x = (1 - sigma) x_0 + sigma epsilon.
struct flow_options {
    prediction kind = prediction::flow; ///< or sample
    int train_steps = 1000;
    double shift = 1;           ///< Source: Esser et al. 2024, arXiv:2403.03206, eq. 23
    bool dynamic = false;       ///< shifted by mu instead
    std::optional<double> mu{}; ///< dynamic needs it: by_tokens of the size of the picture
    mu_of_tokens by_tokens{};
    time_shift shifts = time_shift::exponential;
    std::optional<double> shift_terminal{}; ///< the times are stretched, so that the last is this
    sigma_spacing sigmas = sigma_spacing::of_timesteps; ///< or karras, exponential, beta
};

namespace detail {

/// Errors: invalid for numbers out of range; unsupported for other models and spacings.
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
    return check_spacing(o.sigmas);
}

} // namespace detail

/// Errors: those of check_flow_options.
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
    double const shift = o.dynamic ? detail::shift_of(o.shifts, *o.mu) : o.shift;
    std::vector<double> sigmas;
    for (int i = 0; i < steps; ++i) {
        double const time = steps == 1 ? high : high + i * ((low - high) / (steps - 1));
        sigmas.push_back(detail::shifted(time / o.train_steps, shift));
    }
    detail::stretch(sigmas, o.shift_terminal);
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

namespace detail {

/// What methods along a straight flow have in common. Evaluation i is at a point of the path.
class flow_steps {
public:
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }

protected:
    flow_steps(prediction kind, sigma_path path) : kind_(kind), path_(std::move(path)) {}

    [[nodiscard]] auto points() const -> int { return static_cast<int>(path_.times.size()); }
    [[nodiscard]] auto time_at(int k) const -> float { return path_.times[index(k)]; }
    /// At point k; 0 behind the last.
    [[nodiscard]] auto sigma_at(int k) const -> float { return path_.sigmas[index(k)]; }
    /// x_0, told at point k by a model whose sample had `added` noise added to it: an update
    /// without its next.
    [[nodiscard]] auto told(int k, float added = 0) const -> update
    {
        auto const clean = clean_from(kind_, {1 - sigma_at(k), sigma_at(k)});
        update u;
        u.clean = {clean.sample, clean.output, clean.sample * added};
        return u;
    }
    [[nodiscard]] auto kind() const -> prediction { return kind_; }

private:
    [[nodiscard]] auto index(int k) const -> std::size_t
    {
        HAIGA_CHECK(k >= 0 && k <= points(), "point ", k, " of ", points());
        return static_cast<std::size_t>(k);
    }

    prediction kind_;
    sigma_path path_;
};

} // namespace detail

} // namespace haiga::sched
