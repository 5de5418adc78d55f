#pragma once

#include "haiga/sched/noise_schedule.hpp"

namespace haiga::sched {

/// Steps [first, last) of another schedule, counted from 0.
///
/// A small model need not learn the steps that teach nothing: the least noisy, which are local
/// clean-up, and the noisiest, where only the mean can be told.
template <noise_schedule Schedule>
class window {
public:
    window(Schedule schedule, int first, int last)
        : schedule_(std::move(schedule)), first_(first), last_(last)
    {
        HAIGA_CHECK(0 <= first && first < last && last <= schedule_.steps(), first, " to ", last,
                    " of ", schedule_.steps());
    }

    [[nodiscard]] auto steps() const -> int { return last_ - first_; }
    [[nodiscard]] auto alpha_bar(int t) const -> double
    {
        HAIGA_CHECK(t >= 0 && t < steps(), "step ", t, " of ", steps());
        return schedule_.alpha_bar(first_ + t);
    }

private:
    Schedule schedule_;
    int first_, last_;
};

static_assert(noise_schedule<window<alpha_bar_table>>);

} // namespace haiga::sched
