#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/preserving_steps.hpp"
#include "haiga/sched/sa_integrals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace haiga::sched {

struct sa_solver_options {
    prediction kind = prediction::epsilon;
    limit bound{};       ///< threshold only, and with data prediction alone
    path_options path{}; ///< last is of no account: the run ends where training begins
    bool predict_x0 = true;
    int predictor_order = 2; ///< 1 to 4
    int corrector_order = 2; ///< 1 to 4
    bool lower_order_final = true;
    float tau = 1; ///< how much noise is drawn, at time steps from tau_from to tau_to
    float tau_from = 200;
    float tau_to = 800;
};

/// Stochastic Adams: a predictor and a corrector for the diffusion equation with noise of strength
/// tau. A step is corrected, with its noise, by the output that it led to.
/// Source: Xue et al. 2023, arXiv:2309.05019, eq. 14 and 17, algorithm 1; order 2 as in its
/// appendix.
class sa_solver : public detail::preserving_steps {
public:
    /// Errors: those of preserving_path; invalid for orders beyond 1 to 4, for a flow's outputs
    /// with
    ///         other sigmas or by epsilon; unsupported for Lu's sigmas.
    static auto make(noise_schedule auto const& schedule, sa_solver_options o, int steps)
        -> result<sa_solver>
    {
        auto const in_range = [](int order) { return order >= 1 && order <= 4; };
        if (!in_range(o.predictor_order) || !in_range(o.corrector_order)) {
            return fail(errc::invalid, "sa_solver: orders ", o.predictor_order, " and ",
                        o.corrector_order, ", expected 1 to 4");
        }
        if (o.path.sigmas == sigma_spacing::lu) {
            return fail(errc::unsupported, "sa_solver: Lu's sigmas");
        }
        HAIGA_TRY_VOID(detail::check_flow(o.kind, o.path.sigmas));
        if (!o.predict_x0 && o.kind == prediction::flow) {
            return fail(errc::invalid, "sa_solver: noise_prediction takes no flow");
        }
        o.path.last = last_sigma::sigma_min;
        HAIGA_TRY(auto const path,
                  preserving_path(schedule, o.path, {.repeats_last = true}, steps));
        return sa_solver(o, path);
    }

    /// The outputs before, the corrected sample that the last step began with, and its noise.
    [[nodiscard]] auto kept() const -> int { return outputs() + 2; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto u = told(i);
        auto const output = options_.predict_x0 ? clean() : noise(i);
        terms sample{.sample = 1};
        if (i > first()) {
            int const left = steps() - (i - 1) + 1;
            int const order = std::min(
                {options_.corrector_order, options_.lower_order_final ? left : 4, done(i - 1) + 1});
            sample =
                advanced(i - 1, i, order, past_term(outputs()), output, past_term(outputs() + 1));
        }
        int const order = std::min(
            {options_.predictor_order, options_.lower_order_final ? steps() - i : 4, done(i)});
        terms const drawn{.noise = 1};
        u.next = advanced(i, i, order, sample, output, drawn);
        u.keep = {{{i % outputs(), output}, {outputs(), sample}, {outputs() + 1, drawn}}};
        u.draws = true;
        return u;
    }

private:
    sa_solver(sa_solver_options const& o, sigma_path const& path)
        : preserving_steps(o.kind, o.bound, path), options_(o)
    {
    }

    [[nodiscard]] auto outputs() const -> int
    {
        return std::max({options_.predictor_order - 1, options_.corrector_order - 1, 1});
    }
    [[nodiscard]] auto past(int i) const -> terms { return past_term(i % outputs()); }
    [[nodiscard]] auto tau_at(int i) const -> float
    {
        float const t = timestep(i);
        return t >= options_.tau_from && t <= options_.tau_to ? options_.tau : 0;
    }

    /// Step i from sample, by the outputs at `newest` (given) and before it.
    [[nodiscard]] auto advanced(int i, int newest, int order, terms const& sample,
                                terms const& output, terms const& drawn) const -> terms
    {
        auto const& s = point(i);
        auto const& t = point(i + 1);
        float const tau = tau_at(i);
        float const h = t.lambda - s.lambda;
        auto const weight = weights(i, newest, order, tau);
        bool const data = options_.predict_x0;
        float const scale = data ? (1 + tau * tau) * t.sigma * std::exp(-tau * tau * t.lambda)
                                 : -(1 + tau * tau) * t.alpha;
        terms next;
        next.add(data ? std::exp(-tau * tau * h) * (t.sigma / s.sigma) : t.alpha / s.alpha, sample);
        for (int k = 0; k < order; ++k) {
            next.add(scale * weight[static_cast<std::size_t>(k)],
                     k == 0 ? output : past(newest - k));
        }
        next.add(data ? t.sigma * std::sqrt(1 - std::exp(-2 * tau * tau * h))
                      : tau * t.sigma * std::sqrt(std::exp(2 * h) - 1),
                 drawn);
        return next;
    }

    [[nodiscard]] auto weights(int i, int newest, int order, float tau) const
        -> std::array<float, 4>
    {
        float const a = point(i).lambda;
        float const b = point(i + 1).lambda;
        auto const p = static_cast<std::size_t>(order);
        std::array<float, 4> nodes{};
        for (std::size_t k = 0; k < p; ++k) {
            nodes[k] = point(newest - static_cast<int>(k)).lambda;
        }
        std::array<float, 4> weight{};
        for (std::size_t k = 0; k < p; ++k) {
            auto const c = detail::lagrange_coefficients(std::span(nodes).first(p), k);
            for (std::size_t j = 0; j < p; ++j) {
                int const power = order - 1 - static_cast<int>(j);
                weight[k] +=
                    c[j] * (options_.predict_x0 ? detail::exponential_integral(power, a, b, tau)
                                                : detail::exponential_integral(power, a, b));
            }
        }
        if (order == 2 && options_.predict_x0) {
            correct_second_order(weight, i, newest, tau);
        }
        return weight;
    }

    /// The published code's simpler weights of order 2.
    void correct_second_order(std::array<float, 4>& weight, int i, int newest, float tau) const
    {
        float const w = 1 + tau * tau;
        float const b = point(i + 1).lambda;
        float const h = b - point(i).lambda;
        float const rest = h * w - 1 + std::exp(w * -h);
        float const change = newest == i ? std::exp(w * b) * (h * h / 2 - rest / (w * w)) /
                                               (point(i).lambda - point(i - 1).lambda)
                                         : std::exp(w * b) * (h / 2 - rest / (w * w * h));
        weight[0] += change;
        weight[1] -= change;
    }

    sa_solver_options options_;
};

static_assert(scheduler<sa_solver>);

} // namespace haiga::sched
