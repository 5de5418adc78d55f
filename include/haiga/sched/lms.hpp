#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/exploding_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace haiga::sched {

struct lms_options {
    prediction kind = prediction::epsilon;
    spacing timesteps = spacing::linspace;
    int steps_offset = 0;
    sigma_spacing sigmas = sigma_spacing::of_timesteps;
    int order = 4; ///< slopes that a step takes into account, 1 to 4
    /// A run that begins later takes its first steps by the weights of all of `order`, with 0 for
    /// slopes that it does not have: too far, but the pictures that Diffusers makes of pictures.
    bool whole_order_at_once = false;
};

namespace detail {

/// The integral from a to b of the polynomial that is 1 at nodes[which] and 0 at the other nodes.
/// Three points of Gauss are exact for up to six nodes. Source: DLMF, https://dlmf.nist.gov/3.5.v
inline auto integrated_lagrange(std::span<double const> nodes, std::size_t which, double a,
                                double b) -> double
{
    constexpr std::array<std::pair<double, double>, 3> rule{
        {{-0.7745966692414834, 5 / 9.0}, {0, 8 / 9.0}, {0.7745966692414834, 5 / 9.0}}};
    double sum = 0;
    for (auto const& [place, weight] : rule) {
        double const x = (a + b) / 2 + place * (b - a) / 2;
        double product = 1;
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            product *= k == which ? 1 : (x - nodes[k]) / (nodes[which] - nodes[k]);
        }
        sum += weight * product;
    }
    return sum * (b - a) / 2;
}

} // namespace detail

/// The probability flow by linear multistep: the slope is the polynomial through the last ones.
/// Source: Hairer, Norsett and Wanner 1993, Solving Ordinary Differential Equations I, section
/// III.1 (Adams' explicit methods, here with steps of unequal size).
class lms : public detail::exploding_steps {
public:
    /// Errors: those of exploding_path; unsupported for a flow; invalid for an order beyond 1 to 4.
    static auto make(noise_schedule auto const& schedule, lms_options const& options, int steps)
        -> result<lms>
    {
        HAIGA_TRY_VOID(detail::check_exploding(options.kind));
        if (options.order < 1 || options.order > 4) {
            return fail(errc::invalid, "lms: order ", options.order, ", expected 1 to 4");
        }
        HAIGA_TRY(auto path, exploding_path(training_sigmas(schedule), options.timesteps, steps,
                                            options.steps_offset, options.sigmas));
        lms made(options);
        for (std::size_t i = 0; i < path.times.size(); ++i) {
            made.evaluate(path.times[i], path.sigmas[i]);
        }
        made.way_.assign(path.sigmas.begin(), path.sigmas.end());
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return order_ - 1; }
    void begin_at(int i) { first_ = i; }

    [[nodiscard]] auto at(int i) const -> update
    {
        HAIGA_CHECK(i >= first_, "step ", i, " of a run from ", first_);
        auto const here = index(i);
        int const known = i - first_ + 1;
        int const order = std::min(order_, whole_order_at_once_ ? i + 1 : known);
        std::array<double, 4> nodes{};
        for (int k = 0; k < order; ++k) {
            nodes[static_cast<std::size_t>(k)] = way_[here - static_cast<std::size_t>(k)];
        }
        auto const weight = [&](int k) {
            return static_cast<float>(detail::integrated_lagrange(
                std::span(nodes).first(static_cast<std::size_t>(order)),
                static_cast<std::size_t>(k), way_[here], way_[here + 1]));
        };
        auto u = told(i);
        u.next.sample = 1;
        u.next.add(weight(0), derivative(i));
        for (int k = 1; k < std::min(order, known); ++k) {
            u.next.add(weight(k), past_term((i - k) % kept()));
        }
        if (kept() > 0) {
            u.keep[0] = {i % kept(), derivative(i)};
        }
        return u;
    }

private:
    explicit lms(lms_options const& o)
        : exploding_steps(o.kind, o.timesteps), order_(o.order),
          whole_order_at_once_(o.whole_order_at_once)
    {
    }

    int order_;
    bool whole_order_at_once_;
    int first_ = 0;
    std::vector<double> way_; ///< sigmas, then 0
};

static_assert(scheduler<lms>);

} // namespace haiga::sched
