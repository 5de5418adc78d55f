#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/dpm_multistep.hpp"
#include "haiga/sched/dpm_solver.hpp"
#include "haiga/sched/edm.hpp"
#include "haiga/sched/scheduler.hpp"

#include <array>
#include <cmath>
#include <span>
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
class edm_dpm {
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
        auto const sigmas = o.model.sigmas == sigma_spacing::karras
                                ? detail::edm_karras<float>(o.model, steps)
                                : detail::edm_exponential(o.model, steps);
        edm_dpm made(o);
        for (float const s : sigmas) {
            made.points_.push_back({1, s, -std::log(s)});
        }
        auto const last =
            o.model.last == last_sigma::zero ? 0.0F : static_cast<float>(o.model.sigma_min);
        made.points_.push_back({1, last, -std::log(last)});
        return made;
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(points_.size()) - 1; }
    [[nodiscard]] auto timestep(int i) const -> float { return 0.25F * std::log(sigma(i)); }
    [[nodiscard]] auto sigma(int i) const -> float
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return point(i).sigma;
    }
    [[nodiscard]] auto input_scale(int i) const -> float
    {
        float const d = options_.model.sigma_data;
        return 1 / std::sqrt(sigma(i) * sigma(i) + d * d);
    }
    [[nodiscard]] auto initial_sigma() const -> float
    {
        double const most = options_.model.sigma_max;
        return static_cast<float>(std::sqrt(most * most + 1));
    }
    [[nodiscard]] auto kept() const -> int { return options_.order - 1; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1, sigma(i)}; }
    [[nodiscard]] auto from(int i) const -> edm_dpm
    {
        auto other = *this;
        other.first_ = i;
        return other;
    }

    [[nodiscard]] auto at(int i) const -> update
    {
        HAIGA_CHECK(i >= first_, "step ", i, " of a run from ", first_);
        auto const clean = detail::edm_clean(options_.model, sigma(i));
        dpm_multistep_options const order_of{.path = {.last = options_.model.last},
                                             .order = options_.order,
                                             .lower_order_final = options_.lower_order_final,
                                             .euler_at_final = options_.euler_at_final};
        auto const order =
            static_cast<std::size_t>(detail::dpm_order(order_of, i, steps(), i - first_ + 1));
        std::array<path_point, 3> points;
        std::array<terms, 3> told;
        points[0] = point(i);
        told[0] = {.clean = 1};
        for (std::size_t k = 1; k < order; ++k) {
            int const before = i - static_cast<int>(k);
            points[k] = point(before);
            told[k] = past_term(before % kept());
        }
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = options_.bound;
        u.next = detail::dpm_multistep_terms(options_.equation, options_.type,
                                             std::span(points).first(order),
                                             std::span(told).first(order), point(i + 1));
        if (kept() > 0) {
            u.keep[0] = {i % kept(), told[0]};
        }
        return u;
    }

private:
    explicit edm_dpm(edm_dpm_options const& options) : options_(options) {}

    [[nodiscard]] auto point(int i) const -> path_point const&
    {
        return points_[static_cast<std::size_t>(i)];
    }

    edm_dpm_options options_;
    int first_ = 0;
    std::vector<path_point> points_;
};

static_assert(scheduler<edm_dpm>);

} // namespace haiga::sched
