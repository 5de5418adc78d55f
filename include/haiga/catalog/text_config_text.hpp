#pragma once

#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/layout.hpp"

namespace haiga::catalog {

/// Whose CLIP a text encoder is. OpenAI's are the first of Stable Diffusion 1, SDXL and Flux;
/// OpenCLIP's that of Stable Diffusion 2, SDXL's second, and its refiner's.
enum class clip_origin : std::uint8_t { openai, openclip };

/// text_encoder/config.json and text_encoder_2/config.json.
///
/// The ids of tokens are not the tokenizer's: Transformers takes an eos_token_id of 2 to mean that
/// the end is the token with the highest id.
/// Source: the published files; transformers 5.23.0, modeling_clip.py.
inline auto text_config_text(text_layout const& text, clip_origin origin) -> std::string
{
    bool const is_openai = origin == clip_origin::openai;
    auto const unused_projection = is_openai ? text.width : 512;
    return detail::config_text({
        {"architectures", {text.projection ? "CLIPTextModelWithProjection" : "CLIPTextModel"}},
        {"attention_dropout", 0.0},
        {"bos_token_id", 0},
        {"dropout", 0.0},
        {"eos_token_id", 2},
        {"hidden_act", is_openai ? "quick_gelu" : "gelu"},
        {"hidden_size", text.width},
        {"initializer_factor", 1.0},
        {"initializer_range", 0.02},
        {"intermediate_size", text.hidden},
        {"layer_norm_eps", 1e-5},
        {"max_position_embeddings", text.positions},
        {"model_type", "clip_text_model"},
        {"num_attention_heads", detail::heads_of(text.width)},
        {"num_hidden_layers", text.layers},
        {"pad_token_id", 1},
        {"projection_dim", text.projection.value_or(unused_projection)},
        {"vocab_size", text.vocabulary},
    });
}

} // namespace haiga::catalog
