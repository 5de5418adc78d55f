#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/dpm_solver.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/preserving_steps.hpp"

#include <algorithm>
#include <vector>

namespace haiga::sched {

struct dpm_singlestep_options {
    prediction kind = prediction::epsilon;
    limit bound{};       ///< threshold only
    path_options path{}; ///< linspace alone
    dpm_equation equation = dpm_equation::data;
    dpm_solver_type type = dpm_solver_type::midpoint;
    int order = 2; ///< 1 to 3
    bool lower_order_final = false;
};

namespace detail {

/// The order of every step: 1, 2, ... order again and again. The last ones are lower where that is
/// asked for, or where the number of steps leaves a rest; a step to sigma 0 has order 1.
inline auto singlestep_orders(int steps, int order, bool lower_final, bool ends_at_zero)
    -> std::vector<int>
{
    std::vector<int> orders;
    for (int i = 0; i < steps; ++i) {
        orders.push_back(i % order + 1);
    }
    bool const lower = lower_final || steps % order != 0 || ends_at_zero;
    if (lower && steps % order == 0 && order > 1) {
        orders.back() = 1; // 1 2 1 of order 3, 1 1 of order 2
    }
    if (ends_at_zero) {
        orders.back() = 1;
    }
    return orders;
}

} // namespace detail

/// DPM-Solver and DPM-Solver++ that begin anew every `order` steps: "DPM++ 2S".
/// Source: Lu et al. 2022, arXiv:2206.00927, algorithms 1 and 2, and arXiv:2211.01095, algorithm 1.
class dpm_singlestep : public detail::preserving_steps {
public:
    /// Errors: those of preserving_path; invalid for orders beyond 1 to 3, for a solver by noise
    /// that
    ///         ends at 0, for a flow's outputs with other sigmas; unsupported for noise_sde and
    ///         Lu's sigmas.
    static auto make(noise_schedule auto const& schedule, dpm_singlestep_options const& o,
                     int steps) -> result<dpm_singlestep>
    {
        if (o.order < 1 || o.order > 3) {
            return fail(errc::invalid, "dpm_singlestep: order ", o.order, ", expected 1 to 3");
        }
        if (o.equation == dpm_equation::noise_sde || o.path.sigmas == sigma_spacing::lu) {
            return fail(errc::unsupported, "dpm_singlestep: sde-dpmsolver, or Lu's sigmas");
        }
        if (!detail::by_data(o.equation) && o.path.last == last_sigma::zero) {
            return fail(errc::invalid, "dpm_singlestep: a solver by noise cannot end at sigma 0; "
                                       "final_sigmas_type must be sigma_min");
        }
        HAIGA_TRY_VOID(detail::check_flow(o.kind, o.path.sigmas));
        HAIGA_TRY(auto const path, preserving_path(schedule, o.path, {}, steps));
        return dpm_singlestep(o, path);
    }

    /// The outputs before, and where the steps of a round began.
    [[nodiscard]] auto kept() const -> int { return options_.order == 1 ? 0 : options_.order; }

    [[nodiscard]] auto at(int i) const -> update
    {
        int const order = std::min(orders_[static_cast<std::size_t>(i)], done(i));
        auto u = told(i);
        auto const output = detail::by_data(options_.equation) ? clean() : noise(i);
        u.next = next(i, order, output);
        u.draws = detail::has_noise(options_.equation);
        if (kept() > 0) {
            u.keep[0] = {i % (kept() - 1), output};
            if (order == 1) {
                u.keep[1] = {kept() - 1, {.sample = 1}};
            }
        }
        return u;
    }

private:
    dpm_singlestep(dpm_singlestep_options const& o, sigma_path const& path)
        : preserving_steps(o.kind, o.bound, path), options_(o),
          orders_(detail::singlestep_orders(steps(), o.order, o.lower_order_final,
                                            o.path.last == last_sigma::zero))
    {
    }

    [[nodiscard]] auto past(int i) const -> terms { return past_term(i % (kept() - 1)); }

    /// The step from the beginning of the round to the end of step i.
    [[nodiscard]] auto next(int i, int order, terms const& output) const -> terms
    {
        auto const& s = point(i - order + 1);
        auto const& t = point(i + 1);
        auto const f = detail::dpm_factors_of(options_.equation, s, t);
        float const h = t.lambda - s.lambda;
        terms sum{.noise = f.noise};
        sum.add(f.sample, order == 1 ? terms{.sample = 1} : past_term(kept() - 1));
        if (order == 1) {
            sum.add(f.zeroth, output);
            return sum;
        }
        auto const began = past(i - order + 1);
        sum.add(f.zeroth, began);
        float const r0 = (point(i).lambda - s.lambda) / h;
        terms late; // the slope from the beginning to here
        late.add(1 / r0, output);
        late.add(-1 / r0, began);
        bool const midpoint = options_.type == dpm_solver_type::midpoint;
        if (order == 2 || midpoint) {
            sum.add(order == 2 && midpoint ? f.midpoint : f.first, late);
            return sum;
        }
        float const r1 = (point(i - 1).lambda - s.lambda) / h;
        terms early;
        early.add(1 / r1, past(i - 1));
        early.add(-1 / r1, began);
        sum.add(f.first * r0 / (r0 - r1), early);
        sum.add(-f.first * r1 / (r0 - r1), late);
        sum.add(f.second * 2 / (r0 - r1), late);
        sum.add(-f.second * 2 / (r0 - r1), early);
        return sum;
    }

    dpm_singlestep_options options_;
    std::vector<int> orders_;
};

static_assert(scheduler<dpm_singlestep>);

} // namespace haiga::sched
