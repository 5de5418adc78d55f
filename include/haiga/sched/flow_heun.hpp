#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/churn.hpp"
#include "haiga/sched/flow_path.hpp"
#include "haiga/sched/heun_stage.hpp"
#include "haiga/sched/scheduler.hpp"

#include <limits>
#include <utility>

namespace haiga::sched {

struct flow_heun_options {
    flow_options path{};
    float churn = 0; ///< 0: no noise is drawn
    float churn_from = 0;
    float churn_to = std::numeric_limits<float>::infinity();
    float churn_noise = 1;
};

/// Steps of a straight flow by the mean of the slopes at both ends: two evaluations a step, but one
/// for the last.
/// Source: Karras et al. 2022, arXiv:2206.00364, algorithms 1 and 2, along the flow of flow_euler,
/// where Diffusers takes what the model tells at sigma for what it tells at the raised one.
class flow_heun : public detail::flow_steps {
public:
    /// Errors: those of flow_path. Time: steps * 2 - 1 evaluations.
    static auto make(flow_heun_options const& options, int steps) -> result<flow_heun>
    {
        HAIGA_TRY(auto path, flow_path(options.path, steps));
        return flow_heun(options, std::move(path));
    }

    [[nodiscard]] auto steps() const -> int { return 2 * points() - 1; }
    [[nodiscard]] auto timestep(int i) const -> float { return time_at(seen(i)); }
    [[nodiscard]] auto sigma(int i) const -> float { return sigma_at(seen(i)); }
    [[nodiscard]] auto kept() const -> int { return 2; } ///< see heun_stage
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1 - sigma(i), sigma(i)}; }
    void begin_at(int i) const { HAIGA_CHECK(i % 2 == 0, "step ", i, " is a second stage"); }

    [[nodiscard]] auto at(int i) const -> update
    {
        int const k = i / 2;
        float const s = sigma(i);
        auto const [raised, added, draws] =
            detail::churned_at(options_, sigma_at(k), static_cast<std::size_t>(steps()));
        bool const first = i % 2 == 0; // what is drawn for the second stage is not used
        auto u = told(seen(i), first ? added : 0);
        terms const begin{.sample = 1, .noise = first ? added : 0};
        terms slope = begin;
        slope.add(-1, {.clean = 1});
        terms scaled;
        scaled.add(1 / (first ? raised : s), slope);
        detail::heun_stage(u, i, sigma_at(k + 1) - raised, begin, scaled);
        u.draws = draws;
        return u;
    }

private:
    flow_heun(flow_heun_options const& options, sigma_path path)
        : flow_steps(options.path.kind, std::move(path)), options_(options)
    {
    }

    /// The point of the path that evaluation i is at.
    [[nodiscard]] auto seen(int i) const -> int
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return (i + 1) / 2;
    }

    flow_heun_options options_;
};

static_assert(scheduler<flow_heun>);

} // namespace haiga::sched
