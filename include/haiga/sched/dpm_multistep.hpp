#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/dpm_solver.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/preserving_steps.hpp"

#include <algorithm>

namespace haiga::sched {

struct dpm_multistep_options {
    prediction kind = prediction::epsilon;
    limit bound{}; ///< threshold only
    path_options path{};
    dpm_equation equation = dpm_equation::data;
    dpm_solver_type type = dpm_solver_type::midpoint;
    int order = 2;                 ///< 1 to 3
    bool lower_order_final = true; ///< order falls to 1 with the last steps of fewer than 15
    bool euler_at_final = false;   ///< the last step has order 1
};

namespace detail {

/// The order of step i of count, when `done` steps of the run are known with it.
inline auto dpm_order(dpm_multistep_options const& o, int i, int count, int done) -> int
{
    bool const few = o.lower_order_final && count < 15;
    if (i == count - 1 && (o.euler_at_final || few || o.path.last == last_sigma::zero)) {
        return 1;
    }
    int const most = i == count - 2 && few ? 2 : o.order;
    return std::min({o.order, most, done});
}

} // namespace detail

/// DPM-Solver and DPM-Solver++ with the outputs of up to two steps before: "DPM++ 2M", "DPM++ 2M
/// SDE", "DPM++ 3M SDE".
/// Source: Lu et al. 2022, arXiv:2206.00927 and arXiv:2211.01095, algorithm 2.
class dpm_multistep : public detail::preserving_steps {
public:
    /// Errors: those of preserving_path; invalid for orders beyond 1 to 3, for a solver by noise
    /// that
    ///         ends at 0, for a flow's outputs with other sigmas; unsupported for noise_sde of
    ///         order 3.
    static auto make(noise_schedule auto const& schedule, dpm_multistep_options const& o, int steps)
        -> result<dpm_multistep>
    {
        if (o.order < 1 || o.order > 3) {
            return fail(errc::invalid, "dpm_multistep: order ", o.order, ", expected 1 to 3");
        }
        if (!detail::by_data(o.equation) && o.path.last == last_sigma::zero) {
            return fail(errc::invalid, "dpm_multistep: a solver by noise cannot end at sigma 0; "
                                       "final_sigmas_type must be sigma_min");
        }
        if (o.equation == dpm_equation::noise_sde && o.order == 3) {
            return fail(errc::unsupported, "dpm_multistep: sde-dpmsolver has order 1 or 2");
        }
        HAIGA_TRY_VOID(detail::check_flow(o.kind, o.path.sigmas));
        HAIGA_TRY(auto const path, preserving_path(schedule, o.path, {}, steps));
        return dpm_multistep(o, path);
    }

    [[nodiscard]] auto kept() const -> int { return options_.order - 1; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto u = told(i);
        auto const output = detail::by_data(options_.equation) ? clean() : noise(i);
        detail::dpm_multistep_step(u, options_.equation, options_.type,
                                   detail::dpm_order(options_, i, steps(), done(i)), i, kept(),
                                   output, [this](int k) { return point(k); });
        return u;
    }

private:
    dpm_multistep(dpm_multistep_options const& o, sigma_path const& path)
        : preserving_steps(o.kind, o.bound, path), options_(o)
    {
    }

    dpm_multistep_options options_;
};

static_assert(scheduler<dpm_multistep>);

} // namespace haiga::sched
