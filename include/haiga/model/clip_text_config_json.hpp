#pragma once

#include "haiga/model/clip_text_config.hpp"
#include "haiga/model/config_keys.hpp"

namespace haiga::model {

namespace detail {

struct clip_text_keys {
    static constexpr std::string_view class_name = "CLIPTextConfig";

    template <class Config, class F>
    static void for_each(Config& c, F&& f)
    {
        f("vocab_size", c.vocab_size);
        f("hidden_size", c.hidden_size);
        f("intermediate_size", c.intermediate_size);
        f("projection_dim", c.projection_dim);
        f("num_hidden_layers", c.num_hidden_layers);
        f("num_attention_heads", c.num_attention_heads);
        f("max_position_embeddings", c.max_position_embeddings);
        f("hidden_act", c.hidden_act);
        f("layer_norm_eps", c.layer_norm_eps);
        f("initializer_factor", c.initializer_factor);
        f("eos_token_id", c.eos_token_id);
    }

    static auto fixed() -> std::vector<fixed_key>
    {
        return {{"architectures",
                 {boost::json::array{"CLIPTextModel"},
                  boost::json::array{"CLIPTextModelWithProjection"}, nullptr}},
                {"model_type", {"clip_text_model"}},
                {"attention_dropout", {0, 0.0}},
                {"dropout", {}}, // which nothing reads
                {"initializer_range", {}},
                {"bos_token_id", {}},
                {"pad_token_id", {}},
                {"torch_dtype", {}}, // of the file
                {"dtype", {}},
                {"transformers_version", {}}};
    }
};

} // namespace detail

/// A text_encoder/config.json as transformers writes it; a key that is missing has its default.
///
/// Errors: those of check(); mismatch for a value of the wrong kind; unsupported for a key that
///         nobody knows, or a setting that is not handled. Each names the key, what may stand there
///         and what was found.
inline auto read_clip_text_config(boost::json::value const& json) -> result<clip_text_config>
{
    clip_text_config config;
    HAIGA_TRY_VOID(detail::read_keys<detail::clip_text_keys>(json, config));
    auto const* const named = json.as_object().if_contains("architectures");
    config.with_projection =
        named != nullptr && *named == boost::json::array{"CLIPTextModelWithProjection"};
    HAIGA_TRY_VOID(check(config));
    return config;
}

/// What transformers and read_clip_text_config read back.
inline auto write_clip_text_config(clip_text_config const& config) -> boost::json::object
{
    auto object = detail::write_keys<detail::clip_text_keys>(config);
    auto const* const name =
        config.with_projection ? "CLIPTextModelWithProjection" : "CLIPTextModel";
    object["architectures"] = boost::json::array{name};
    object["model_type"] = "clip_text_model";
    return object;
}

} // namespace haiga::model
