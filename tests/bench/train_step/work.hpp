#pragma once

#include "haiga/model/unet_config_json.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/trainer.hpp"

namespace haiga::bench {

/// A step to measure: of which model, on what, kept as what.
struct work {
    std::string name;
    model::unet_config unet;
    std::int64_t batch = 1;
    std::int64_t size = 0;
    std::int64_t tokens = 0;
    dtype storage = dtype::f32;
    bool recompute = false; ///< blocks, in the backward pass
};

inline auto label(work const& w) -> std::string
{
    return concat(w.name, w.storage == dtype::bf16 ? ", bf16" : ", f32");
}

inline auto painter_recipe() -> train::recipe { return train::demo_recipe(5); }

/// What ./dev demo trains. The peer is shown all channels and the text; here the coordinate planes
/// are made and the text state is trained in the step.
inline auto painter_work() -> work
{
    auto const r = painter_recipe();
    return {.name = "demo UNet, 48 px, batch 5",
            .unet = r.model.unet,
            .batch = r.batch,
            .size = r.model.size,
            .tokens = r.model.text_tokens};
}

/// Stable Diffusion 1.5 with a quarter of its channels; 16 groups, since 32 do not divide them.
inline auto quarter_work(bool recompute) -> work
{
    model::unet_config c;
    c.sample_size = 32;
    c.block_out_channels = {80, 160, 320, 320};
    c.cross_attention_dim = 192;
    c.norm_num_groups = 16;
    return {.name = concat("quarter SD 1.5, 32x32, batch 4", recompute ? ", recomputed" : ""),
            .unet = c,
            .batch = 4,
            .size = 32,
            .tokens = 77,
            .recompute = recompute};
}

struct traced_work : train::traced_step {
    device::value text = device::value::none;
};

inline auto trace(work const& w) -> traced_work
{
    if (w.unet.in_channels != w.unet.out_channels) { // the demonstration's
        auto r = painter_recipe();
        r.storage = w.storage;
        r.recompute = w.recompute;
        return {train::trace_step(r)};
    }
    traced_work t{{device::graph(w.storage), {}, {}, {}, {}, {}, {}}};
    auto& g = t.graph;
    auto const channels = w.unet.in_channels;
    t.noisy = g.input(w.storage, {w.batch, w.size, w.size, channels});
    t.timesteps = g.input(dtype::f32, {w.batch});
    t.text = g.input(w.storage, {w.batch, w.tokens, w.unet.cross_attention_dim.at(0)});
    t.target = g.input(dtype::f32, {w.batch, w.size, w.size, channels});
    t.weights = g.input(dtype::f32, {w.batch});
    t.seed = g.input(dtype::f32, {1});
    auto const prediction =
        model::unet(model::scope(g, {.recompute = w.recompute}), w.unet,
                    {.sample = t.noisy, .timesteps = t.timesteps, .encoder_hidden_states = t.text});
    t.loss = nn::mse_loss(g, prediction, t.target, t.weights);
    g.keep(t.loss);
    device::backward_pass(g).run(t.loss, t.seed);
    return t;
}

inline auto to_json(work const& w) -> boost::json::object
{
    return {{"config", model::write_unet_config(w.unet)},
            {"batch", w.batch},
            {"size", w.size},
            {"tokens", w.tokens},
            {"dtype", to_string(w.storage)}};
}

} // namespace haiga::bench
