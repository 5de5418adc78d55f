#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/edm.hpp"
#include "haiga/sched/scheduler.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace haiga::sched {

struct edm_euler_options {
    edm_options model{};
    float churn = 0; ///< 0: no noise is drawn
    float churn_from = 0;
    float churn_to = std::numeric_limits<float>::infinity();
    float churn_noise = 1;
};

/// Euler steps of the probability flow for a model in EDM's preconditioning.
/// Source: Karras et al. 2022, arXiv:2206.00364, algorithm 2 without its second-order correction.
class edm_euler {
public:
    /// Errors: those of check_edm.
    static auto make(edm_euler_options const& options, int steps) -> result<edm_euler>
    {
        HAIGA_TRY_VOID(detail::check_edm(options.model, steps));
        edm_euler made(options);
        made.sigmas_ = options.model.sigmas == sigma_spacing::karras
                           ? detail::edm_karras<double>(options.model, steps)
                           : detail::edm_exponential(options.model, steps);
        made.sigmas_.push_back(options.model.last == last_sigma::zero ? 0 : made.sigmas_.back());
        return made;
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(sigmas_.size()) - 1; }
    [[nodiscard]] auto timestep(int i) const -> float { return 0.25F * std::log(sigma(i)); }
    [[nodiscard]] auto sigma(int i) const -> float
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return sigmas_[static_cast<std::size_t>(i)];
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
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1, sigma(i)}; }

    [[nodiscard]] auto at(int i) const -> update
    {
        float const s = sigma(i);
        bool const churned = s >= options_.churn_from && s <= options_.churn_to;
        float const gamma = churned
                                ? std::min(options_.churn / static_cast<float>(sigmas_.size() - 1),
                                           std::sqrt(2.0F) - 1)
                                : 0;
        float const raised = s * (gamma + 1);
        float const added =
            gamma > 0 ? options_.churn_noise * std::sqrt(raised * raised - s * s) : 0;
        float const way = (sigmas_[static_cast<std::size_t>(i) + 1] - raised) / raised;
        auto const clean = detail::edm_clean(options_.model, raised);
        update u;
        u.clean = {clean.sample, clean.output, clean.sample * added};
        u.next = {.clean = -way, .sample = 1 + way, .noise = (1 + way) * added};
        return u;
    }

private:
    explicit edm_euler(edm_euler_options const& options) : options_(options) {}

    edm_euler_options options_;
    std::vector<float> sigmas_;
};

static_assert(scheduler<edm_euler>);

} // namespace haiga::sched
