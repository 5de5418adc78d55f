#pragma once

#include "haiga/model/config_checks.hpp"

namespace haiga::model {

/// The configuration of transformers' CLIPTextModel and CLIPTextModelWithProjection, as far as it
/// is supported, with its names and defaults. Source: transformers 5.23.0,
/// models/clip/configuration_clip.py.
struct clip_text_config {
    std::int64_t vocab_size = 49408;
    std::int64_t hidden_size = 512;
    std::int64_t intermediate_size = 2048;
    std::int64_t projection_dim = 512; ///< of the pooled output, with_projection
    int num_hidden_layers = 12;
    int num_attention_heads = 8;
    std::int64_t max_position_embeddings = 77;
    std::string hidden_act = "quick_gelu"; ///< or gelu, the exact form
    double layer_norm_eps = 1e-5;
    double initializer_factor = 1;
    std::int64_t eos_token_id = 49407; ///< 2: what ends a text is its highest id
    bool with_projection = false;      ///< what "architectures" says

    friend auto operator==(clip_text_config const&, clip_text_config const&) -> bool = default;
};

/// Whether a text encoder can be built from this.
/// Errors: unsupported, mismatch, invalid, too_large; each names the key, what may stand there, and
///         what was found.
inline auto check(clip_text_config const& c) -> result<>
{
    constexpr int most_layers = 256; // every layer is traced: a few bytes must not ask for millions
    HAIGA_TRY_VOID(detail::check_range("vocab_size", c.vocab_size));
    HAIGA_TRY_VOID(detail::check_range("hidden_size", c.hidden_size));
    HAIGA_TRY_VOID(detail::check_range("intermediate_size", c.intermediate_size));
    HAIGA_TRY_VOID(detail::check_range("projection_dim", c.projection_dim));
    HAIGA_TRY_VOID(detail::check_range("num_hidden_layers", c.num_hidden_layers));
    HAIGA_TRY_VOID(detail::check_range("num_attention_heads", c.num_attention_heads));
    HAIGA_TRY_VOID(detail::check_range("max_position_embeddings", c.max_position_embeddings));
    HAIGA_TRY_VOID(detail::check_choice("hidden_act", c.hidden_act, {"quick_gelu", "gelu"}));
    if (c.num_hidden_layers > most_layers) {
        return fail(errc::too_large, "\"num_hidden_layers\" is ", c.num_hidden_layers, ", at most ",
                    most_layers);
    }
    if (c.hidden_size % c.num_attention_heads != 0) {
        return fail(errc::mismatch, "\"hidden_size\", ", c.hidden_size,
                    ", is not a multiple of \"num_attention_heads\", ", c.num_attention_heads);
    }
    if (!(c.layer_norm_eps > 0 && c.layer_norm_eps < 1)) {
        return fail(errc::invalid, "\"layer_norm_eps\" must be between 0 and 1; found ",
                    c.layer_norm_eps);
    }
    if (c.eos_token_id < 0 || c.eos_token_id >= c.vocab_size) {
        return fail(errc::invalid, "\"eos_token_id\" must be from 0 to ", c.vocab_size - 1,
                    "; found ", c.eos_token_id);
    }
    return {};
}

} // namespace haiga::model
