#pragma once

#include "haiga/device/add.hpp"
#include "haiga/model/clip_text_config.hpp"
#include "haiga/model/layers.hpp"
#include "haiga/nn/add_positions.hpp"
#include "haiga/nn/attention.hpp"
#include "haiga/nn/concat.hpp"
#include "haiga/nn/embedding.hpp"
#include "haiga/nn/gelu.hpp"
#include "haiga/nn/quick_gelu.hpp"
#include "haiga/nn/row_of_token.hpp"

#include <vector>

namespace haiga::model {

/// What a text encoder makes of texts. What of it nobody reads is not computed.
struct clip_text_states {
    std::vector<value> hidden_states = {}; ///< [N, T, hidden_size]: the tokens, then each layer's
    value last_hidden_state = value::none; ///< the last of them, normalised
    value pooler_output = value::none;     ///< [N, hidden_size], where the text ends
    value text_embeds = value::none;       ///< [N, projection_dim], with_projection
};

namespace detail {

/// A linear layer that starts as transformers starts CLIP's.
inline auto clip_linear(scope const& at, value x, std::int64_t out, double deviation,
                        bool with_bias = true) -> value
{
    auto const weight = at.declare("weight", {out, at.extent(x, -1)}, device::layout::in_out,
                                   {device::initial::kind::normal, deviation});
    auto const bias =
        with_bias ? at.declare("bias", {out}, device::layout::plain, {}) : value::none;
    return nn::linear(at.traced(), x, weight, bias);
}

/// The deviation of weights that are added up over all layers, two in each.
inline auto deviation_into_sum(clip_text_config const& c) -> double
{
    return c.initializer_factor /
           std::sqrt(2.0 * c.num_hidden_layers * static_cast<double>(c.hidden_size));
}

inline auto clip_attention(scope const& at, value x, clip_text_config const& c) -> value
{
    auto const project = [&](char const* name) {
        return clip_linear(at / name, x, c.hidden_size, deviation_into_sum(c));
    };
    auto const k = project("k_proj");
    auto const v = project("v_proj");
    auto const q = project("q_proj");
    auto const seen =
        nn::attention(at.traced(), q, k, v, c.num_attention_heads, nn::attention_mask::causal);
    return clip_linear(at / "out_proj", seen, c.hidden_size,
                       c.initializer_factor / std::sqrt(static_cast<double>(c.hidden_size)));
}

inline auto clip_mlp(scope const& at, value x, clip_text_config const& c) -> value
{
    auto& g = at.traced();
    auto const deviation = c.initializer_factor / std::sqrt(2 * static_cast<double>(c.hidden_size));
    auto const h = clip_linear(at / "fc1", x, c.intermediate_size, deviation);
    auto const active = c.hidden_act == "gelu" ? nn::gelu(g, h) : nn::quick_gelu(g, h);
    return clip_linear(at / "fc2", active, c.hidden_size, deviation_into_sum(c));
}

/// Attention and feed-forward, each normalised before and added.
inline auto clip_layer(scope const& at, value x, clip_text_config const& c) -> value
{
    auto& g = at.traced();
    auto const block = at.block();
    auto const first = layer_norm(at / "layer_norm1", x, c.layer_norm_eps);
    x = device::add(g, x, clip_attention(at / "self_attn", first, c));
    auto const second = layer_norm(at / "layer_norm2", x, c.layer_norm_eps);
    return device::add(g, x, clip_mlp(at / "mlp", second, c));
}

inline auto clip_embeddings(scope const& at, clip_text_config const& c, value input_ids) -> value
{
    auto& g = at.traced();
    auto const table = [&](char const* name, std::int64_t rows) {
        return (at / name).declare("weight", {rows, c.hidden_size}, device::layout::plain,
                                   {device::initial::kind::normal, 0.02 * c.initializer_factor});
    };
    auto const tokens = nn::embedding(g, input_ids, table("token_embedding", c.vocab_size));
    return nn::add_positions(g, tokens, table("position_embedding", c.max_position_embeddings));
}

} // namespace detail

/// Traces transformers' CLIPTextModel, or CLIPTextModelWithProjection.
///
/// Shapes: input_ids [N, T] i32, T <= max_position_embeddings.
/// Errors: a configuration that check() refuses is a caller's bug; so is an id outside the
///         vocabulary, found when it runs.
/// Source: Radford et al. 2021, arXiv:2103.00020; transformers 5.23.0,
///         models/clip/modeling_clip.py.
inline auto clip_text(scope const& at, clip_text_config const& c, value input_ids)
    -> clip_text_states
{
    auto const checked = check(c);
    HAIGA_CHECK(checked.has_value(), checked.error().message);
    auto const model = at / "text_model";
    clip_text_states made;
    made.hidden_states = {detail::clip_embeddings(model / "embeddings", c, input_ids)};
    for (int i = 0; i < c.num_hidden_layers; ++i) {
        made.hidden_states.push_back(
            detail::clip_layer(model / "encoder" / "layers" / i, made.hidden_states.back(), c));
    }
    made.last_hidden_state =
        layer_norm(model / "final_layer_norm", made.hidden_states.back(), c.layer_norm_eps);
    made.pooler_output = nn::row_of_token(at.traced(), made.last_hidden_state, input_ids,
                                          c.eos_token_id == 2 ? nn::highest_id : c.eos_token_id);
    if (c.with_projection) {
        made.text_embeds = detail::clip_linear(
            at / "text_projection", made.pooler_output, c.projection_dim,
            c.initializer_factor / std::sqrt(static_cast<double>(c.hidden_size)), false);
    }
    return made;
}

/// What Stable Diffusion 1 and 2 look at: the state before the last clip_skip layers, normalised.
/// Those layers have no gradient then.
///
/// Shapes: [N, T, hidden_size].   Errors: more layers than there are is a caller's bug.
/// Source: diffusers 0.42.1, pipelines/stable_diffusion/pipeline_stable_diffusion.py.
inline auto text_state(scope const& at, clip_text_config const& c, clip_text_states const& made,
                       std::size_t clip_skip = 0) -> value
{
    if (clip_skip == 0) {
        return made.last_hidden_state;
    }
    HAIGA_CHECK(clip_skip < made.hidden_states.size(), "clip_skip ", clip_skip);
    return layer_norm(at / "text_model" / "final_layer_norm",
                      made.hidden_states[made.hidden_states.size() - 1 - clip_skip],
                      c.layer_norm_eps);
}

/// What Stable Diffusion XL looks at: the states before the last layer and clip_skip more of its
/// two encoders, as they are, side by side. The other text that it is told is the second's
/// text_embeds.
///
/// Shapes: [N, T, hidden_size of both].   Errors: more layers than there are is a caller's bug.
/// Source: Podell et al. 2023, arXiv:2307.01952, section 2.1; diffusers 0.42.1,
///         pipelines/stable_diffusion_xl/pipeline_stable_diffusion_xl.py.
inline auto joined_text_state(device::graph& g, clip_text_states const& first,
                              clip_text_states const& second, std::size_t clip_skip = 0) -> value
{
    auto const of = [&](clip_text_states const& made) {
        HAIGA_CHECK(clip_skip + 2 <= made.hidden_states.size(), "clip_skip ", clip_skip);
        return made.hidden_states[made.hidden_states.size() - 2 - clip_skip];
    };
    return nn::concat(g, of(first), of(second));
}

} // namespace haiga::model
