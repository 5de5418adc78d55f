#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/dpm_multistep.hpp"
#include "haiga/sched/dpm_solver.hpp"
#include "haiga/sched/edm.hpp"
#include "haiga/sched/scheduler.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace haiga::sched {

struct edm_dpm_options {
    edm_options model{};
    limit bound{};                              ///< threshold only
    dpm_equation equation = dpm_equation::data; ///< or data_sde
    dpm_solver_type type = dpm_solver_type::midpoint;
    int order = 2; ///< 1 to 3; data_sde 1 or 2
    bool lower_order_final = true;
    bool euler_at_final = false;
};

/// DPM-Solver++ for a model in EDM's preconditioning: alpha is 1 all along the path.
/// Source: Lu et al. 2022, arXiv:2211.01095, algorithm 2, with Karras et al. 2022,
/// arXiv:2206.00364, table 1.
class edm_dpm : public detail::edm_steps {
public:
    /// Errors: those of check_edm; invalid for orders beyond those; unsupported for solvers by
    /// noise.
    static auto make(edm_dpm_options const& o, int steps) -> result<edm_dpm>
    {
        HAIGA_TRY_VOID(detail::check_edm(o.model, steps));
        if (!detail::by_data(o.equation)) {
            return fail(errc::unsupported, "edm_dpm: dpmsolver++ and sde-dpmsolver++ alone");
        }
        int const most = o.equation == dpm_equation::data ? 3 : 2;
        if (o.order < 1 || o.order > most) {
            return fail(errc::invalid, "edm_dpm: order ", o.order, ", expected 1 to ", most);
        }
        auto sigmas = o.model.sigmas == sigma_spacing::karras
                          ? detail::edm_karras<float>(o.model, steps)
                          : detail::edm_exponential(o.model, steps);
        sigmas.push_back(o.model.last == last_sigma::zero ? 0.0F
                                                          : static_cast<float>(o.model.sigma_min));
        return edm_dpm(o, std::move(sigmas));
    }

    [[nodiscard]] auto kept() const -> int { return options_.order - 1; }
    void begin_at(int i) { first_ = i; }

    [[nodiscard]] auto at(int i) const -> update
    {
        HAIGA_CHECK(i >= first_, "step ", i, " of a run from ", first_);
        auto const clean = told(sigma(i));
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = options_.bound;
        dpm_multistep_options const order_of{.path = {.last = options_.model.last},
                                             .order = options_.order,
                                             .lower_order_final = options_.lower_order_final,
                                             .euler_at_final = options_.euler_at_final};
        detail::dpm_multistep_step(u, options_.equation, options_.type,
                                   detail::dpm_order(order_of, i, steps(), i - first_ + 1), i,
                                   kept(), {.clean = 1}, [this](int k) { return point(k); });
        return u;
    }

private:
    edm_dpm(edm_dpm_options const& options, std::vector<float> sigmas)
        : edm_steps(options.model, std::move(sigmas)), options_(options)
    {
    }

    [[nodiscard]] auto point(int i) const -> path_point
    {
        float const sigma = i == 0 ? this->sigma(0) : end_sigma(i - 1);
        return {1, sigma, -std::log(sigma)};
    }

    edm_dpm_options options_;
    int first_ = 0;
};

static_assert(scheduler<edm_dpm>);

} // namespace haiga::sched
