#pragma once

#include "haiga/json/get.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/sched/config_keys.hpp"

#include <boost/json/object.hpp>

// The keys of the flow-matching schedulers.
namespace haiga::sched::detail {

/// A flow's file does not say what the model predicts.
inline auto read_flow(boost::json::object const& file) -> result<flow_options>
{
    flow_options options;
    HAIGA_TRY(options.train_steps, json::get(file, "num_train_timesteps", 1000));
    HAIGA_TRY(options.shift, json::get(file, "shift", 1.0));
    HAIGA_TRY(options.dynamic, json::get(file, "use_dynamic_shifting", false));
    HAIGA_TRY(options.shifts, get_named(file, "time_shift_type", "exponential", time_shifts));
    HAIGA_TRY(options.sigmas, read_sigmas(file));
    HAIGA_TRY(options.shift_terminal, read_optional(file, "shift_terminal"));
    auto& by_tokens = options.by_tokens;
    HAIGA_TRY(by_tokens.low, json::get(file, "base_shift", by_tokens.low));
    HAIGA_TRY(by_tokens.high, json::get(file, "max_shift", by_tokens.high));
    HAIGA_TRY(by_tokens.few, json::get(file, "base_image_seq_len", by_tokens.few));
    HAIGA_TRY(by_tokens.many, json::get(file, "max_image_seq_len", by_tokens.many));
    if (by_tokens.few >= by_tokens.many) {
        return fail(errc::invalid, "scheduler: base_image_seq_len ", by_tokens.few,
                    ", max_image_seq_len ", by_tokens.many,
                    ", expected the second above the first");
    }
    return options;
}

inline auto read_flow_euler(boost::json::object const& file) -> result<flow_euler_options>
{
    flow_euler_options options;
    HAIGA_TRY(options.path, read_flow(file));
    HAIGA_TRY(options.stochastic, json::get(file, "stochastic_sampling", false));
    return options;
}

inline auto read_flow_heun(boost::json::object const& file) -> result<flow_heun_options>
{
    flow_heun_options options;
    HAIGA_TRY(options.path, read_flow(file));
    return options;
}

} // namespace haiga::sched::detail
