#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"

#include <cstddef>
#include <vector>

namespace haiga::sched {

/// Errors: invalid for a model of the noise on a schedule that ends without a signal.
inline auto check_prediction(prediction kind, noise_schedule auto const& schedule, int t)
    -> result<>
{
    if (kind == prediction::epsilon && schedule.alpha_bar(t) == 0) {
        return fail(errc::invalid, "scheduler: no signal at time step ", t,
                    ", where epsilon tells nothing; v or sample is needed");
    }
    return {};
}

namespace detail {

/// What methods at whole time steps, on samples of preserved variance, have in common: one
/// evaluation a step. Point: its time, the alpha_bar there, and what else a method wants to know.
template <class Point>
class discrete_steps {
public:
    [[nodiscard]] auto steps() const -> int { return static_cast<int>(points_.size()); }
    [[nodiscard]] auto timestep(int i) const -> float { return static_cast<float>(point(i).time); }
    [[nodiscard]] auto input_scale(int /*i*/) const -> float { return 1; }
    [[nodiscard]] auto initial_sigma() const -> float { return 1; }
    [[nodiscard]] auto mixture_before(int i) const -> mixture
    {
        return mixture_at(point(i).alpha_bar);
    }

protected:
    discrete_steps() = default;

    void evaluate(Point const& point) { points_.push_back(point); }
    [[nodiscard]] auto point(int i) const -> Point const&
    {
        HAIGA_CHECK(i >= 0 && i < steps(), "step ", i, " of ", steps());
        return points_[static_cast<std::size_t>(i)];
    }

private:
    std::vector<Point> points_;
};

/// A step from one alpha_bar to another.
struct alpha_bar_step {
    int time;
    float alpha_bar;
    float next_alpha_bar; ///< where the step ends
};

} // namespace detail

} // namespace haiga::sched
