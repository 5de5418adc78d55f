#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/churn.hpp"
#include "haiga/sched/edm.hpp"
#include "haiga/sched/scheduler.hpp"

#include <limits>
#include <utility>
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
class edm_euler : public detail::edm_steps {
public:
    /// Errors: those of check_edm.
    static auto make(edm_euler_options const& options, int steps) -> result<edm_euler>
    {
        HAIGA_TRY_VOID(detail::check_edm(options.model, steps));
        auto sigmas = options.model.sigmas == sigma_spacing::karras
                          ? detail::edm_karras<double>(options.model, steps)
                          : detail::edm_exponential(options.model, steps);
        sigmas.push_back(options.model.last == last_sigma::zero ? 0 : sigmas.back());
        return edm_euler(options, std::move(sigmas));
    }

    [[nodiscard]] auto kept() const -> int { return 0; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const [raised, added, draws] =
            detail::churned_at(options_, sigma(i), static_cast<std::size_t>(steps()));
        float const way = (end_sigma(i) - raised) / raised;
        auto const clean = told(raised);
        update u;
        u.clean = {clean.sample, clean.output, clean.sample * added};
        u.next = {.clean = -way, .sample = 1 + way, .noise = (1 + way) * added};
        u.draws = draws;
        return u;
    }

private:
    edm_euler(edm_euler_options const& options, std::vector<float> sigmas)
        : edm_steps(options.model, std::move(sigmas)), options_(options)
    {
    }

    edm_euler_options options_;
};

static_assert(scheduler<edm_euler>);

} // namespace haiga::sched
