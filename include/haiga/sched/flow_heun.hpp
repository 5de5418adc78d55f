#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/flow_path.hpp"
#include "haiga/sched/scheduler.hpp"

#include <utility>

namespace haiga::sched {

struct flow_heun_options {
    flow_options path{};
};

/// Steps of a straight flow by the mean of the slopes at both ends: two evaluations a step, but one
/// for the last.
/// Source: Karras et al. 2022, arXiv:2206.00364, algorithm 1, along the flow of flow_euler.
class flow_heun {
public:
    /// Errors: those of flow_path. Time: steps * 2 - 1 evaluations.
    static auto make(flow_heun_options const& options, int steps) -> result<flow_heun>
    {
        HAIGA_TRY(auto path, flow_path(options.path, steps));
        return flow_heun(options, std::move(path));
    }

    [[nodiscard]] auto steps() const -> int { return 2 * static_cast<int>(path_.times.size()) - 1; }
    [[nodiscard]] auto timestep(int i) const -> float { return path_.times[seen(i)]; }
    [[nodiscard]] auto sigma(int i) const -> float { return path_.sigmas[seen(i)]; }
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto kept() const -> int { return 2; } ///< the first slope and where it was taken
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1 - sigma(i), sigma(i)}; }
    [[nodiscard]] auto from(int i) const -> flow_heun
    {
        HAIGA_CHECK(i % 2 == 0, "step ", i, " is a second stage");
        return *this;
    }

    [[nodiscard]] auto at(int i) const -> update
    {
        auto const clean = clean_from(options_.path.kind, mixture_before(i));
        auto const k = static_cast<std::size_t>(i) / 2;
        update u;
        u.clean = {clean.sample, clean.output, 0};
        float const dt = path_.sigmas[k + 1] - path_.sigmas[k];
        terms const slope{.clean = -1 / sigma(i), .sample = 1 / sigma(i)};
        if (i % 2 == 0) {
            u.next.sample = 1;
            u.next.add(dt, slope);
            u.keep[0] = {0, slope};
            u.keep[1] = {1, {.sample = 1}};
        } else {
            u.next = past_term(1);
            u.next.add(dt / 2, past_term(0));
            u.next.add(dt / 2, slope);
        }
        return u;
    }

private:
    flow_heun(flow_heun_options const& options, sigma_path path)
        : options_(options), path_(std::move(path))
    {
    }

    /// The point of the path that evaluation i is at.
    [[nodiscard]] auto seen(int i) const -> std::size_t
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return static_cast<std::size_t>(i + 1) / 2;
    }

    flow_heun_options options_;
    sigma_path path_;
};

static_assert(scheduler<flow_heun>);

} // namespace haiga::sched
