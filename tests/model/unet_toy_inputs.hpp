#pragma once

#include "haiga/model/unet.hpp"

namespace haiga::test {

struct unet_extents {
    std::int64_t batch = 2;
    std::int64_t size = 16;
    std::int64_t tokens = 7;
};

/// What a UNet is told of a class: ids, a time step, or features that want a gradient.
inline auto declare_class_labels(device::graph& g, model::unet_config const& c, std::int64_t batch)
    -> device::value
{
    if (!c.class_embed_type) {
        return g.input(dtype::i32, {batch});
    }
    if (*c.class_embed_type == "timestep") {
        return g.input(dtype::f32, {batch});
    }
    auto const width = *c.class_embed_type == "identity" ? c.time_width()
                                                         : *c.projection_class_embeddings_input_dim;
    return g.input(g.storage(), {batch, width}, true);
}

/// Inputs of a graph for a UNet, in the graph's type.
inline auto declare_unet_inputs(device::graph& g, model::unet_config const& c, unet_extents e = {})
    -> model::unet_inputs
{
    model::unet_inputs in;
    in.sample = g.input(g.storage(), {e.batch, e.size, e.size, c.in_channels}, true);
    in.timesteps = g.input(dtype::f32, {e.batch});
    in.encoder_hidden_states =
        g.input(g.storage(), {e.batch, e.tokens, c.cross_attention_dim.at(0)}, true);
    if (c.class_embed_type || c.num_class_embeds) {
        in.class_labels = declare_class_labels(g, c, e.batch);
    }
    if (c.addition_embed_type) {
        auto const text = *c.projection_class_embeddings_input_dim - 6 * *c.addition_time_embed_dim;
        in.text_embeds = g.input(g.storage(), {e.batch, text}, true);
        in.time_ids = g.input(dtype::f32, {e.batch, 6});
    }
    return in;
}

} // namespace haiga::test
