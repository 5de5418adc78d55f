#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sched/discrete_steps.hpp"
#include "haiga/sched/noise_schedule.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/scheduler.hpp"
#include "haiga/sched/timetable.hpp"

#include <algorithm>
#include <cmath>

namespace haiga::sched {

struct pndm_options {
    prediction kind = prediction::epsilon;
    spacing timesteps = spacing::leading;
    int steps_offset = 0;
    bool skip_prk_steps = false; ///< no Runge-Kutta to begin with, as for Stable Diffusion
    bool set_alpha_to_one =
        false; ///< the last step ends at alpha_bar 1, else at that of time step 0
};

namespace detail {

struct pndm_point {
    int time;
    float alpha_bar; ///< of the evaluation
    float from, to;  ///< and of the step that it leads to
    float before;    ///< where a step to the evaluation begins
};

} // namespace detail

/// DDIM steps along a combination of the last outputs: pseudo linear multistep, after three steps
/// of pseudo Runge-Kutta with four evaluations each, or after one repeated step. Source: Liu et al.
/// 2022, arXiv:2202.09778, eq. 9 to 13, algorithm 2. float32 as in ddpm.
class pndm : public detail::discrete_steps<detail::pndm_point> {
public:
    /// Errors: those of discrete_timesteps; unsupported for a flow; invalid for fewer than four
    /// steps
    ///         with Runge-Kutta, and for a model of the noise where no signal is left.
    /// Time:   steps + 9 evaluations with Runge-Kutta, steps + 1 without it.
    static auto make(noise_schedule auto const& schedule, pndm_options const& options, int steps)
        -> result<pndm>
    {
        HAIGA_TRY(auto const times, discrete_timesteps(options.timesteps, schedule.steps(), steps,
                                                       options.steps_offset));
        if (options.kind == prediction::flow) {
            return fail(errc::unsupported, "pndm: epsilon, sample and v, no flow");
        }
        if (!options.skip_prk_steps && steps < 4) {
            return fail(errc::invalid, "pndm: ", steps,
                        " steps, expected four or more with Runge-Kutta");
        }
        if (schedule.alpha_bar(times.front()) == 0) {
            return fail(errc::invalid, "pndm: no signal at time step ", times.front());
        }
        pndm made(options);
        int const stride = schedule.steps() / steps;
        auto const alpha = [&](int t) {
            return t >= 0                     ? static_cast<float>(schedule.alpha_bar(t))
                   : options.set_alpha_to_one ? 1.0F
                                              : static_cast<float>(schedule.alpha_bar(0));
        };
        auto const add = [&](int time, int from, int to) {
            made.evaluate({time, alpha(time), alpha(from), alpha(to),
                           alpha(std::min(time + stride, schedule.steps() - 1))});
        };
        std::size_t done = 0;
        for (; !options.skip_prk_steps && done < 3; ++done) {
            int const t = times[done];
            int const middle = times[done + 1] + stride / 2;
            int const end = times[done + 1];
            // the evaluation, and where a step from t by it ends
            add(t, t, t - stride / 2);
            add(middle, t, middle);
            add(middle, t, middle - stride / 2);
            add(end, t, end);
        }
        for (; done < times.size(); ++done) {
            int const t = times[done];
            if (options.skip_prk_steps && done == 1) {
                add(t, t, t - stride); // where the first step is done once more: see repeated()
            }
            add(t, t, t - stride);
        }
        return made;
    }

    [[nodiscard]] auto kept() const -> int { return options_.skip_prk_steps ? 4 : 5; }
    /// A run that begins later has less of Runge-Kutta. Without it the second evaluation repeats
    /// the first step wherever a run begins, as in Diffusers; but for a whole run it is another
    /// evaluation than the third, and the sample stays a step behind from there on.
    void begin_at(int i)
    {
        HAIGA_CHECK(options_.skip_prk_steps || i >= 12 || i % 4 == 0, "step ", i,
                    " is no beginning");
        first_ = i;
    }

    [[nodiscard]] auto at(int i) const -> update
    {
        HAIGA_CHECK(i >= first_, "step ", i, " of a run from ", first_);
        auto const clean = clean_from(options_.kind, mixture_before(i));
        update u;
        u.clean = {clean.sample, clean.output, 0};
        if (!options_.skip_prk_steps && i < 12) {
            runge_kutta(i, u);
        } else {
            multistep(i, u);
        }
        return u;
    }

private:
    static constexpr int began = 3; ///< slot of the sample that a step began with
    static constexpr int sum = 4;   ///< slot of the outputs of a Runge-Kutta step so far

    explicit pndm(pndm_options const& options) : options_(options) {}

    void runge_kutta(int i, update& u) const
    {
        terms const output{.output = 1};
        int const stage = i % 4;
        auto sample = past_term(began);
        if (stage == 0) {
            sample = {.sample = 1};
            terms first;
            first.add(1 / 6.0F, output);
            u.keep = {{{began, sample}, {sum, first}, {i / 4, output}}};
        } else if (stage < 3) {
            auto more = past_term(sum);
            more.add(1 / 3.0F, output);
            u.keep[0] = {sum, more};
        }
        auto told = output;
        if (stage == 3) {
            told = past_term(sum);
            told.add(1 / 6.0F, output);
        }
        u.next = transferred(point(i), sample, told);
    }

    void multistep(int i, update& u) const
    {
        // outputs so far, with this one; the repeated evaluation counts once
        bool const prk = !options_.skip_prk_steps;
        int const since = !prk          ? std::max(i - first_, 1)
                          : first_ < 12 ? i - 12 + 4 - first_ / 4
                                        : i - first_ + 1;
        int const number = prk ? i - 12 + 3 : since - 1; // of this one, from 0
        if (!prk && i == first_ + 1) {
            return repeated(i, u);
        }
        u.next = transferred(point(i), {.sample = 1}, combined(number, std::min(since, 4)));
        u.keep[0] = {number % 3, {.output = 1}};
        if (!prk && i == first_) {
            u.keep[1] = {began, {.sample = 1}};
        }
    }

    /// The first step once more, by the mean of both slopes.
    void repeated(int i, update& u) const
    {
        auto told = past_term(0);
        told.output = 1;
        terms mean;
        mean.add(0.5F, told);
        auto back = point(i);
        back.from = back.before;
        back.to = back.alpha_bar;
        u.next = transferred(back, past_term(began), mean);
    }

    /// Adams and Bashforth's weights of this output and those before it.
    static auto combined(int number, int order) -> terms
    {
        static constexpr float weights[4][4] = {{1, 0, 0, 0},
                                                {3 / 2.0F, -1 / 2.0F, 0, 0},
                                                {23 / 12.0F, -16 / 12.0F, 5 / 12.0F, 0},
                                                {55 / 24.0F, -59 / 24.0F, 37 / 24.0F, -9 / 24.0F}};
        terms told{.output = weights[order - 1][0]};
        for (int k = 1; k < order; ++k) {
            told.add(weights[order - 1][k], past_term((number - k) % 3));
        }
        return told;
    }

    /// The DDIM step of a sample along an output. Source: eq. 11, its last factor as Diffusers has
    /// it.
    [[nodiscard]] auto transferred(detail::pndm_point const& p, terms const& sample,
                                   terms const& output) const -> terms
    {
        auto const noise = noise_from(options_.kind, mixture_at(p.from));
        float const way = (p.to - p.from) /
                          (p.from * std::sqrt(1 - p.to) + std::sqrt(p.from * (1 - p.from) * p.to));
        terms next;
        next.add(std::sqrt(p.to / p.from) - way * noise.sample, sample);
        next.add(-way * noise.output, output);
        return next;
    }

    pndm_options options_;
    int first_ = 0;
};

static_assert(scheduler<pndm>);

} // namespace haiga::sched
