#pragma once

#include "haiga/sched/preserving_path.hpp"
#include "haiga/sched/scheduler.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace haiga::sched {

/// x = alpha x_0 + sigma epsilon at a point of a path, and lambda = log(alpha / sigma).
/// Source: Lu et al. 2022, arXiv:2206.00927, section 3.1; float32 in Diffusers' order, where
/// differences of lambda decide.
struct path_point {
    float alpha = 1;
    float sigma = 0;
    float lambda = 0;
};

/// ratio: sigma of the path. Infinite lambda where it is 0.
inline auto path_point_at(float ratio, bool flow) -> path_point
{
    path_point p;
    p.alpha = flow ? 1 - ratio : 1 / std::sqrt(ratio * ratio + 1);
    p.sigma = flow ? ratio : ratio * p.alpha;
    p.lambda = std::log(p.alpha) - std::log(p.sigma);
    return p;
}

namespace detail {

/// What solvers on samples of preserved variance have in common: one evaluation a step.
class preserving_steps {
public:
    [[nodiscard]] auto steps() const -> int { return static_cast<int>(times_.size()); }
    [[nodiscard]] auto timestep(int i) const -> float { return times_[index(i)]; }
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture
    {
        return {points_[index(i)].alpha, points_[index(i)].sigma};
    }
    /// Steps before are not looked back at.
    void begin_at(int i) { first_ = i; }

protected:
    preserving_steps(prediction kind, limit const& bound, sigma_path const& path)
        : kind_(kind), bound_(bound), times_(path.times)
    {
        for (float const ratio : path.sigmas) {
            points_.push_back(path_point_at(ratio, path.flow));
        }
    }

    /// x_0, told by the model at step i: an update without its next.
    [[nodiscard]] auto told(int i) const -> update
    {
        auto const clean = clean_from(kind_, mixture_before(i));
        update u;
        u.clean = {clean.sample, clean.output, 0};
        u.bound = bound_;
        return u;
    }
    [[nodiscard]] static auto clean() -> terms { return {.clean = 1}; }
    /// epsilon at step i, from the limited x_0 where there is a limit.
    [[nodiscard]] auto noise(int i) const -> terms
    {
        auto const m = mixture_before(i);
        if (bound_.clip || bound_.threshold) {
            return {.clean = -m.signal / m.noise, .sample = 1 / m.noise};
        }
        auto const n = noise_from(kind_, m);
        return {.sample = n.sample, .output = n.output};
    }

    /// At the beginning of step i; point(steps()) is where the last one ends.
    [[nodiscard]] auto point(int i) const -> path_point const&
    {
        return points_[static_cast<std::size_t>(i)];
    }
    [[nodiscard]] auto first() const -> int { return first_; }

    /// Steps of this run up to and with step i.
    [[nodiscard]] auto done(int i) const -> int
    {
        HAIGA_CHECK(i >= first_ && i < steps(), "step ", i, " of ", first_, " to ", steps());
        return i - first_ + 1;
    }

private:
    [[nodiscard]] auto index(int i) const -> std::size_t
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return static_cast<std::size_t>(i);
    }

    prediction kind_;
    limit bound_;
    int first_ = 0;
    std::vector<float> times_;
    std::vector<path_point> points_;
};

/// Errors: invalid where a flow's outputs meet other sigmas than a flow's.
inline auto check_flow(prediction kind, sigma_spacing sigmas) -> result<>
{
    if (kind == prediction::flow && !is_flow(sigmas)) {
        return fail(errc::invalid, "scheduler: flow_prediction needs use_flow_sigmas");
    }
    return {};
}

} // namespace detail

} // namespace haiga::sched
