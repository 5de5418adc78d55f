#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/flow_path.hpp"
#include "haiga/sched/scheduler.hpp"

#include <utility>

namespace haiga::sched {

struct flow_euler_options {
    flow_options path{};
    bool stochastic = false; ///< to x_0 and back with new noise, instead of along the flow
};

/// Euler steps of a straight flow.
/// Source: Lipman et al. 2023, arXiv:2210.02747; Esser et al. 2024, arXiv:2403.03206, section 2.
class flow_euler : public detail::flow_steps {
public:
    /// Errors: those of flow_path.
    static auto make(flow_euler_options const& options, int steps) -> result<flow_euler>
    {
        HAIGA_TRY(auto path, flow_path(options.path, steps));
        return flow_euler(options, std::move(path));
    }

    [[nodiscard]] auto steps() const -> int { return points(); }
    [[nodiscard]] auto timestep(int i) const -> float { return time_at(checked(i)); }
    [[nodiscard]] auto sigma(int i) const -> float { return sigma_at(checked(i)); }
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1 - sigma(i), sigma(i)}; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto u = told(checked(i));
        float const to = sigma_at(i + 1);
        float const way = to - sigma(i);
        if (stochastic_) {
            u.next = {.clean = 1 - to, .noise = to};
            u.draws = true;
        } else if (kind() == prediction::flow) {
            u.next = {.sample = 1, .output = way};
        } else { // the flow is epsilon - x_0
            auto const noise = noise_from(kind(), mixture_before(i));
            u.next = {
                .clean = -way, .sample = 1 + way * noise.sample, .output = way * noise.output};
        }
        return u;
    }

private:
    flow_euler(flow_euler_options const& options, sigma_path path)
        : flow_steps(options.path.kind, std::move(path)), stochastic_(options.stochastic)
    {
    }

    [[nodiscard]] auto checked(int i) const -> int
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return i;
    }

    bool stochastic_;
};

static_assert(scheduler<flow_euler>);

} // namespace haiga::sched
