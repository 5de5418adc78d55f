#pragma once

#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/scheduler.hpp"

#include <utility>

namespace haiga::catalog {

namespace detail {

/// One noise schedule for all of them: 1000 steps, linear in the root of beta.
/// Source: scheduler/scheduler_config.json of Stable Diffusion 1.5, 2.1 and SDXL.
inline auto stable_diffusion_scheduler(scheduler kind, prediction told) -> boost::json::object
{
    boost::json::object config{
        {"beta_end", 0.012},           {"beta_schedule", "scaled_linear"},
        {"beta_start", 0.00085},       {"clip_sample", false},
        {"num_train_timesteps", 1000}, {"prediction_type", to_string(told)},
        {"set_alpha_to_one", false},   {"skip_prk_steps", true},
        {"steps_offset", 1},           {"trained_betas", nullptr},
    };
    if (kind == scheduler::euler) {
        config["interpolation_type"] = "linear";
        config["sample_max_value"] = 1.0;
        config["timestep_spacing"] = "leading";
        config["use_karras_sigmas"] = false;
    }
    return config;
}

/// Source: scheduler/scheduler_config.json of FLUX.1-schnell and FLUX.1-dev.
inline auto flow_scheduler(bool shifted) -> boost::json::object
{
    return {
        {"base_image_seq_len", 256},       {"base_shift", 0.5},
        {"max_image_seq_len", 4096},       {"max_shift", 1.15},
        {"num_train_timesteps", 1000},     {"shift", shifted ? 3.0 : 1.0},
        {"use_dynamic_shifting", shifted},
    };
}

} // namespace detail

/// scheduler/scheduler_config.json. told: what the model's output stands for; flow's schedulers do
/// not ask.
inline auto scheduler_config_text(scheduler kind, prediction told) -> std::string
{
    bool const flows = kind == scheduler::flow || kind == scheduler::flow_shifted;
    auto config = flows ? detail::flow_scheduler(kind == scheduler::flow_shifted)
                        : detail::stable_diffusion_scheduler(kind, told);
    return detail::diffusers_text(class_name(kind), std::move(config));
}

} // namespace haiga::catalog
