#pragma once

#include "haiga/sched/scheduler.hpp"
#include "haiga/sched/sigma_path.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace haiga::sched::detail {

/// What methods on samples x_0 + sigma epsilon have in common. A step is one evaluation of the
/// model, at a sigma of its own.
class exploding_steps {
public:
    [[nodiscard]] auto steps() const -> int { return static_cast<int>(times_.size()); }
    [[nodiscard]] auto timestep(int i) const -> float { return times_[index(i)]; }
    /// What the model sees noise of at step i.
    [[nodiscard]] auto sigma(int i) const -> float { return seen_[index(i)]; }
    [[nodiscard]] auto input_scale(int i) const -> float
    {
        return 1 / std::sqrt(sigma(i) * sigma(i) + 1);
    }
    [[nodiscard]] auto initial_sigma() const -> float
    {
        float const most = *std::max_element(seen_.begin(), seen_.end());
        return leading_ ? std::sqrt(most * most + 1) : most;
    }
    [[nodiscard]] auto mixture_before(int i) const -> mixture { return {1, sigma(i)}; }

protected:
    exploding_steps(prediction kind, spacing timesteps)
        : kind_(kind), leading_(timesteps == spacing::leading)
    {
    }

    void evaluate(float time, float sigma)
    {
        times_.push_back(time);
        seen_.push_back(sigma);
    }

    /// x_0, told by a model that saw sigma: an update without its next.
    [[nodiscard]] auto told(int i, limit const& bound = {}) const -> update
    {
        float const s = sigma(i);
        update u;
        u.bound = bound;
        switch (kind_) {
        case prediction::epsilon: u.clean = {1, -s, 0}; break;
        case prediction::v: u.clean = {1.0 / (s * s + 1), -s / std::sqrt(s * s + 1), 0}; break;
        case prediction::sample: u.clean = {0, 1, 0}; break;
        case prediction::flow: break; // refused by check_exploding
        }
        return u;
    }

    /// The derivative (x - x_0) / sigma of the probability flow; the output itself where it is
    /// that.
    [[nodiscard]] auto derivative(int i, limit const& bound = {}) const -> terms
    {
        if (kind_ == prediction::epsilon && !bound.clip && !bound.threshold) {
            return {.output = 1};
        }
        return {.clean = -1.0 / sigma(i), .sample = 1.0 / sigma(i)};
    }

    [[nodiscard]] auto index(int i) const -> std::size_t
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return static_cast<std::size_t>(i);
    }

private:
    prediction kind_;
    bool leading_;
    std::vector<float> times_;
    std::vector<float> seen_;
};

/// Errors: unsupported for a flow.
inline auto check_exploding(prediction kind) -> result<>
{
    if (kind == prediction::flow) {
        return fail(errc::unsupported,
                    "scheduler: this method takes epsilon, sample and v, no flow");
    }
    return {};
}

} // namespace haiga::sched::detail
