#pragma once

#include "haiga/model/painter.hpp"
#include "haiga/optim/adamw.hpp"
#include "haiga/optim/ema.hpp"
#include "haiga/optim/learning_rate.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/window.hpp"

#include <limits>
#include <utility>

namespace haiga::train {

using time_schedule = sched::window<sched::alpha_bar_table>;

/// Everything that fixes a training but its photographs: the same recipe, photographs, number of
/// threads and machine give the same bytes.
struct recipe {
    model::painter_config model;
    sched::schedule_config schedule;
    sched::prediction target = sched::prediction::v;
    int first_step = 0;       ///< of the schedule: those below are neither trained nor sampled
    int last_step = 1000;     ///< nor are those from here on
    double min_snr_gamma = 0; ///< the loss of x_0 counts min(snr, gamma) (Hang et al. 2023,
                              ///< arXiv:2303.09556); 0: what the model tells counts alike
    std::int64_t steps = 1000;
    std::int64_t batch = 8;
    std::int64_t save_every = 200;
    std::uint64_t seed = 0;
    dtype storage = dtype::f32; ///< of activations
    bool recompute = false;
    optim::learning_rate rate{.rate = 1e-3}; ///< its total is not looked at: that is steps
    optim::adamw_options adamw;
    double clip_norm = 1;
    optim::ema_decay average{.most = 0.99};
};

inline auto rate_at(recipe const& r, std::int64_t step) -> double
{
    auto rate = r.rate;
    rate.total = r.steps;
    return rate.at(step);
}

/// Errors: those of make_schedule; invalid for steps that it has not.
inline auto schedule_of(recipe const& r) -> result<time_schedule>
{
    HAIGA_TRY(auto schedule, sched::make_schedule(r.schedule));
    if (r.first_step < 0 || r.first_step >= r.last_step || r.last_step > schedule.steps()) {
        return fail(errc::invalid, "time steps ", r.first_step, " to ", r.last_step, " of ",
                    schedule.steps());
    }
    return time_schedule(std::move(schedule), r.first_step, r.last_step);
}

namespace detail {

/// The first of the numbers that only arithmetic sees that would break it; null: none would.
inline auto broken_number(recipe const& r) -> char const*
{
    // the optimizer computes in float: there too they are numbers, and not zero
    using float_limits = std::numeric_limits<float>;
    auto const finite = [](double x) { return x >= 0 && x <= float_limits::max(); };
    auto const positive = [&](double x) { return x >= float_limits::min() && finite(x); };
    auto const share = [](double x) { return x >= 0 && x <= 1; };
    for (auto const& [key, holds] : {std::pair{"learning_rate", positive(r.rate.rate)},
                                     {"warmup_steps", r.rate.warmup >= 0},
                                     {"lr_end", finite(r.rate.last_rate)},
                                     {"lr_power", positive(r.rate.power)},
                                     {"lr_num_cycles", positive(r.rate.cycles)},
                                     {"beta1", share(r.adamw.beta1) && r.adamw.beta1 < 1},
                                     {"beta2", share(r.adamw.beta2) && r.adamw.beta2 < 1},
                                     {"adam_epsilon", positive(r.adamw.epsilon)},
                                     {"weight_decay", finite(r.adamw.weight_decay)},
                                     {"clip_norm", positive(r.clip_norm)},
                                     {"average_decay", share(r.average.most)},
                                     {"average_min_decay", share(r.average.least)},
                                     {"average_after_step", r.average.after_step >= 0},
                                     {"average_inv_gamma", positive(r.average.inv_gamma)},
                                     {"average_power", positive(r.average.power)},
                                     {"min_snr_gamma", finite(r.min_snr_gamma)}}) {
        if (!holds) {
            return key;
        }
    }
    return nullptr;
}

} // namespace detail

/// Errors: invalid or those of the parts, each naming what is out of range.
inline auto check(recipe const& r) -> result<>
{
    HAIGA_TRY_VOID(model::check(r.model));
    if (!r.schedule.trained_betas.empty()) {
        return fail(errc::unsupported, "recipe: trained_betas; expected a schedule with a name");
    }
    HAIGA_TRY_VOID(schedule_of(r).map([](auto const&) {}));
    if (r.steps < 1 || r.batch < 1 || r.batch > 4096 || r.save_every < 1) {
        return fail(errc::invalid, "steps ", r.steps, ", batch ", r.batch, ", save_every ",
                    r.save_every, ": expected 1 or more (a batch of at most 4096)");
    }
    if (r.storage != dtype::f32 && r.storage != dtype::bf16) {
        return fail(errc::unsupported, "storage ", to_string(r.storage), ": expected F32 or BF16");
    }
    if (auto const* const key = detail::broken_number(r)) {
        return fail(errc::invalid, '"', key, "\" is out of range");
    }
    return {};
}

} // namespace haiga::train
