#pragma once

#include "haiga/train/recipe.hpp"

#include <algorithm>

namespace haiga::train {

/// A small UNet of Stable Diffusion's architecture, every block type in it, that learns a handful
/// of photographs in minutes on two cores.
///
/// What makes it fast, in the order of what it gave: coordinate planes; few channels where there
/// are many pixels; steps spent on many small batches, each showing every photograph once; only
/// the time steps that teach; x_0 as the target, whose loss is largest where pictures are decided.
inline auto demo_recipe(std::int64_t photos, std::int64_t size = 48) -> recipe
{
    recipe r;
    r.model.size = size;
    auto& u = r.model.unet;
    u.sample_size = size;
    u.in_channels = 3 + 4 * r.model.frequencies;
    u.out_channels = 3;
    u.block_out_channels = {16, 24, 48, 96};
    u.down_block_types = {"DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D",
                          "CrossAttnDownBlock2D"};
    u.up_block_types = {"CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"};
    u.layers_per_block = 1;
    u.norm_num_groups = 8;
    u.cross_attention_dim = 32;
    u.attention_head_dim = {1, 1, 3, 6};
    u.use_linear_projection = true;
    r.schedule = {.betas = sched::schedule_config::shape::linear};
    r.target = sched::prediction::sample;
    r.first_step = 350;
    r.last_step = 850;
    r.steps = 1600;
    r.batch = std::clamp<std::int64_t>(photos, 4, 8);
    r.rate = {.rate = 1.5e-3, .shape = optim::rate_shape::cosine, .warmup = 50, .total = r.steps};
    r.adamw = {.beta2 = 0.99, .weight_decay = 0};
    return r;
}

/// How such a painter is sampled: ancestral steps mend what earlier ones got wrong.
/// Errors: those of ddim::make.
inline auto demo_scheduler(recipe const& r, int steps = 12) -> result<sched::any_scheduler>
{
    HAIGA_TRY(auto const schedule, schedule_of(r));
    HAIGA_TRY(auto made,
              sched::ddim::make(schedule,
                                {.kind = r.target, .timesteps = sched::spacing::trailing, .eta = 1},
                                steps));
    return sched::any_scheduler(std::move(made));
}

} // namespace haiga::train
