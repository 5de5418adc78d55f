#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/dpm_solver.hpp"
#include "haiga/sched/linear_system.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/preserving_steps.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace haiga::sched {

struct unipc_options {
    /// B(h) of the paper: h, or e^h - 1.
    enum class solver : std::uint8_t { bh1, bh2 };

    prediction kind = prediction::epsilon;
    limit bound{}; ///< threshold only, and with predict_x0 alone
    path_options path{};
    int order = 2;          ///< 1 to 4
    bool predict_x0 = true; ///< solve by x_0, else by epsilon
    solver type = solver::bh2;
    bool lower_order_final = true;
    std::vector<int> disable_corrector{}; ///< steps that are not corrected once they are done
};

/// Predictor and corrector of one order: the output of a step corrects the step that led to it.
/// Source: Zhao et al. 2023, arXiv:2302.04867, eq. 3, 8 and 9, algorithms 5 to 8. float32 in
/// Diffusers' order, where phi functions are differences of nearly equal numbers.
class unipc : public detail::preserving_steps {
public:
    static constexpr int most_order = 4;

    /// Errors: those of preserving_path; invalid for orders beyond 1 to 4 and for a flow's outputs
    ///         with other sigmas or by epsilon, and for more than order 1 to sigma 0; unsupported
    ///         for Lu's sigmas.
    static auto make(noise_schedule auto const& schedule, unipc_options const& o, int steps)
        -> result<unipc>
    {
        if (o.order < 1 || o.order > most_order) {
            return fail(errc::invalid, "unipc: order ", o.order, ", expected 1 to ", most_order);
        }
        if (o.path.sigmas == sigma_spacing::lu) {
            return fail(errc::unsupported, "unipc: Lu's sigmas");
        }
        HAIGA_TRY_VOID(detail::check_flow(o.kind, o.path.sigmas));
        if (!o.predict_x0 && (o.kind == prediction::flow || o.path.last == last_sigma::zero)) {
            return fail(errc::invalid, "unipc: a solver by noise takes no flow and cannot end at "
                                       "sigma 0; final_sigmas_type must be sigma_min");
        }
        if (!o.lower_order_final && o.order > 1 && o.path.last == last_sigma::zero) {
            return fail(errc::invalid,
                        "unipc: only a step of order 1 ends at sigma 0; "
                        "lower_order_final or final_sigmas_type sigma_min is needed");
        }
        if (!o.lower_order_final && o.order > 2 && o.path.sigmas != sigma_spacing::of_timesteps) {
            return fail(errc::invalid, "unipc: with respaced sigmas the last step ends where it "
                                       "begins; order 2 or lower_order_final is needed");
        }
        HAIGA_TRY(auto const path,
                  preserving_path(schedule, o.path, {.repeats_last = true, .flow_from_one = true},
                                  steps));
        return unipc(o, path);
    }

    /// The outputs before, and the corrected sample that the last step began with.
    [[nodiscard]] auto kept() const -> int { return options_.order + 1; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto u = told(i);
        auto const output = options_.predict_x0 ? clean() : noise(i);
        terms sample{.sample = 1};
        auto const& never = options_.disable_corrector;
        if (i > first() && std::find(never.begin(), never.end(), i - 1) == never.end()) {
            sample =
                advanced(i - 1, order_of(i - 1), past_term(options_.order), past(i - 1), &output);
        }
        u.next = advanced(i, order_of(i), sample, output, nullptr);
        u.keep[0] = {i % options_.order, output};
        u.keep[1] = {options_.order, sample};
        return u;
    }

private:
    unipc(unipc_options o, sigma_path const& path)
        : preserving_steps(o.kind, o.bound, path), options_(std::move(o))
    {
    }

    [[nodiscard]] auto past(int i) const -> terms { return past_term(i % options_.order); }
    [[nodiscard]] auto order_of(int i) const -> int
    {
        int const left = options_.lower_order_final ? steps() - i : options_.order;
        return std::min({options_.order, left, done(i)});
    }

    /// Step i from sample, with output told at its beginning, older ones from the history, and for
    /// a correction the one told at its end. Order p: R rho = b, eq. 8 and 9.
    [[nodiscard]] auto advanced(int i, int order, terms const& sample, terms const& output,
                                terms const* at_end) const -> terms
    {
        auto const& s = point(i);
        auto const& t = point(i + 1);
        bool const data = options_.predict_x0;
        float const h = t.lambda - s.lambda;
        float const hh = data ? -h : h;
        float const e = std::expm1(hh);
        float const b_of_h = options_.type == unipc_options::solver::bh1 ? hh : e;
        float const scale = data ? t.alpha : t.sigma;
        terms next;
        next.add(data ? t.sigma / s.sigma : t.alpha / s.alpha, sample);
        next.add(-scale * e, output);

        auto const p = static_cast<std::size_t>(order);
        std::array<float, most_order> r{};
        for (std::size_t k = 0; k + 1 < p; ++k) {
            r[k] = (point(i - 1 - static_cast<int>(k)).lambda - s.lambda) / h;
        }
        r[p - 1] = 1;
        auto const rho = weights(p, r, hh, e, b_of_h, at_end != nullptr);
        for (std::size_t k = 0; k + 1 < p; ++k) {
            float const weight = -scale * b_of_h * rho[k] / r[k];
            next.add(weight, past(i - 1 - static_cast<int>(k)));
            next.add(-weight, output);
        }
        if (at_end) {
            float const weight = -scale * b_of_h * rho[p - 1];
            next.add(weight, *at_end);
            next.add(-weight, output);
        }
        return next;
    }

    /// Low orders have 1/2 in place of the solution, as the published code has.
    static auto weights(std::size_t p, std::array<float, most_order> const& r, float hh, float e,
                        float b_of_h, bool corrects) -> std::array<float, most_order>
    {
        std::array<std::array<double, most_order>, most_order> matrix{};
        std::array<double, most_order> b{};
        float phi = e / hh - 1;
        float factorial = 1;
        for (std::size_t row = 0; row < p; ++row) {
            for (std::size_t c = 0; c < p; ++c) {
                matrix[row][c] = std::pow(r[c], static_cast<float>(row));
            }
            b[row] = phi * factorial / b_of_h;
            factorial *= static_cast<float>(row + 2);
            phi = phi / hh - 1 / factorial;
        }
        std::array<float, most_order> rho{};
        if (corrects ? p == 1 : p == 2) {
            rho[0] = 0.5F;
            return rho;
        }
        auto const n = corrects ? p : p - 1;
        auto const solved = detail::solve(matrix, b, n);
        for (std::size_t k = 0; k < n; ++k) {
            rho[k] = static_cast<float>(solved[k]);
        }
        return rho;
    }

    unipc_options options_;
};

static_assert(scheduler<unipc>);

} // namespace haiga::sched
