#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/flow_path.hpp"
#include "haiga/sched/scheduler.hpp"

#include <utility>
#include <vector>

namespace haiga::sched {

struct flow_euler_options {
    flow_options path{};
    bool stochastic = false; ///< to x_0 and back with new noise, instead of along the flow
};

/// Euler steps of a straight flow.
/// Source: Lipman et al. 2023, arXiv:2210.02747; Esser et al. 2024, arXiv:2403.03206, section 2.
class flow_euler {
public:
    /// Errors: those of flow_path.
    static auto make(flow_euler_options const& options, int steps) -> result<flow_euler>
    {
        HAIGA_TRY(auto path, flow_path(options.path, steps));
        return flow_euler(options, std::move(path));
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(path_.times.size()); }
    [[nodiscard]] auto timestep(int i) const -> float { return path_.times[index(i)]; }
    [[nodiscard]] auto sigma(int i) const -> float { return path_.sigmas[index(i)]; }
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto kept() const -> int { return 0; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1 - sigma(i), sigma(i)}; }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const clean = clean_from(options_.path.kind, mixture_before(i));
        auto const noise = noise_from(options_.path.kind, mixture_before(i));
        float const to = path_.sigmas[index(i) + 1];
        float const way = to - sigma(i);
        update u;
        u.clean = {clean.sample, clean.output, 0};
        if (options_.stochastic) {
            u.next = {.clean = 1 - to, .noise = to};
        } else if (options_.path.kind == prediction::flow) {
            u.next = {.sample = 1, .output = way};
        } else { // the flow is epsilon - x_0
            u.next = {
                .clean = -way, .sample = 1 + way * noise.sample, .output = way * noise.output};
        }
        return u;
    }

private:
    flow_euler(flow_euler_options const& options, sigma_path path)
        : options_(options), path_(std::move(path))
    {
    }

    [[nodiscard]] auto index(int i) const -> std::size_t
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return static_cast<std::size_t>(i);
    }

    flow_euler_options options_;
    sigma_path path_;
};

static_assert(scheduler<flow_euler>);

} // namespace haiga::sched
