#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/dpm_multistep.hpp"
#include "haiga/sched/dpm_solver.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/preserving_steps.hpp"

#include <array>
#include <cmath>

namespace haiga::sched {

struct deis_options {
    prediction kind = prediction::epsilon;
    limit bound{};                 ///< threshold only
    path_options path{};           ///< last is of no account: a solver by noise never ends at 0
    int order = 2;                 ///< 1 to 3
    bool lower_order_final = true; ///< order falls to 1 with the last steps of fewer than 15
};

namespace detail {

/// Integrals over rho of the polynomials in log rho that are 1 at b and 0 at c (and d).
inline auto log_rho_integral(float rho, float b, float c) -> float
{
    return rho * (-std::log(c) + std::log(rho) - 1) / (std::log(b) - std::log(c));
}
inline auto log_rho_integral(float rho, float b, float c, float d) -> float
{
    float const l = std::log(rho);
    float const above = rho * (std::log(c) * (std::log(d) - l + 1) - std::log(d) * l + std::log(d) +
                               l * l - 2 * l + 2);
    return above / ((std::log(b) - std::log(c)) * (std::log(b) - std::log(d)));
}

} // namespace detail

/// The probability flow in rho = sigma / alpha, epsilon being a polynomial in log rho.
/// Source: Zhang and Chen 2023, arXiv:2204.13902, section 3.3 (rho AB-DEIS, in log rho).
class deis : public detail::preserving_steps {
public:
    /// Errors: those of preserving_path; invalid for orders beyond 1 to 3 and for a flow's outputs
    ///         with other sigmas than a flow's; unsupported for Lu's sigmas.
    static auto make(noise_schedule auto const& schedule, deis_options o, int steps) -> result<deis>
    {
        if (o.order < 1 || o.order > 3) {
            return fail(errc::invalid, "deis: order ", o.order, ", expected 1 to 3");
        }
        if (o.path.sigmas == sigma_spacing::lu) {
            return fail(errc::unsupported, "deis: Lu's sigmas");
        }
        HAIGA_TRY_VOID(detail::check_flow(o.kind, o.path.sigmas));
        o.path.last = last_sigma::sigma_min;
        HAIGA_TRY(auto const path,
                  preserving_path(schedule, o.path, {.repeats_last = true}, steps));
        return deis(o, path);
    }

    [[nodiscard]] auto kept() const -> int { return options_.order - 1; }

    [[nodiscard]] auto at(int i) const -> update
    {
        dpm_multistep_options const order_of{.path = options_.path,
                                             .order = options_.order,
                                             .lower_order_final = options_.lower_order_final};
        int const order = detail::dpm_order(order_of, i, steps(), done(i));
        auto u = told(i);
        u.next = next(i, order);
        if (kept() > 0) {
            u.keep[0] = {i % kept(), noise(i)};
        }
        return u;
    }

private:
    deis(deis_options const& o, sigma_path const& path)
        : preserving_steps(o.kind, o.bound, path), options_(o)
    {
    }

    [[nodiscard]] auto rho(int i) const -> float { return point(i).sigma / point(i).alpha; }
    [[nodiscard]] auto past(int i) const -> terms { return past_term(i % kept()); }

    [[nodiscard]] auto next(int i, int order) const -> terms
    {
        auto const& s = point(i);
        auto const& t = point(i + 1);
        terms sum;
        if (order == 1) {
            float const h = t.lambda - s.lambda;
            sum.sample = t.alpha / s.alpha;
            sum.add(-t.sigma * (std::exp(h) - 1), noise(i));
            return sum;
        }
        float const end = rho(i + 1);
        float const a = rho(i);
        float const b = rho(i - 1);
        sum.sample = t.alpha * (1 / s.alpha);
        auto const add = [&](auto const& told, auto... nodes) {
            sum.add(t.alpha * (detail::log_rho_integral(end, nodes...) -
                               detail::log_rho_integral(a, nodes...)),
                    told);
        };
        if (order == 2) {
            add(noise(i), a, b);
            add(past(i - 1), b, a);
        } else {
            float const c = rho(i - 2);
            add(noise(i), a, b, c);
            add(past(i - 1), b, c, a);
            add(past(i - 2), c, a, b);
        }
        return sum;
    }

    deis_options options_;
};

static_assert(scheduler<deis>);

} // namespace haiga::sched
