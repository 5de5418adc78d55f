#pragma once

#include "haiga/model/autoencoder_config.hpp"
#include "haiga/model/config_keys.hpp"

namespace haiga::model {

namespace detail {

struct autoencoder_keys {
    static constexpr std::string_view class_name = "AutoencoderKL";

    template <class Config, class F>
    static void for_each(Config& c, F&& f)
    {
        f("in_channels", c.in_channels);
        f("out_channels", c.out_channels);
        f("down_block_types", c.down_block_types);
        f("up_block_types", c.up_block_types);
        f("block_out_channels", c.block_out_channels);
        f("layers_per_block", c.layers_per_block);
        f("latent_channels", c.latent_channels);
        f("norm_num_groups", c.norm_num_groups);
        f("sample_size", c.sample_size);
        f("scaling_factor", c.scaling_factor);
        f("shift_factor", c.shift_factor);
        f("force_upcast", c.force_upcast);
        f("use_quant_conv", c.use_quant_conv);
        f("use_post_quant_conv", c.use_post_quant_conv);
        f("mid_block_add_attention", c.mid_block_add_attention);
    }

    static auto fixed() -> std::vector<fixed_key>
    {
        return {{"_class_name", {"AutoencoderKL"}},
                {"act_fn", {"silu", "swish"}},
                {"latents_mean", {nullptr}},
                {"latents_std", {nullptr}}};
    }
};

} // namespace detail

/// A vae/config.json as Diffusers writes it; a key that is missing has Diffusers' default.
///
/// Errors: those of check(); mismatch for a value of the wrong kind; unsupported for a key that
///         nobody knows, or a setting that is not handled. Each names the key, what may stand there
///         and what was found.
inline auto read_autoencoder_config(boost::json::value const& json) -> result<autoencoder_config>
{
    autoencoder_config config;
    HAIGA_TRY_VOID(detail::read_keys<detail::autoencoder_keys>(json, config));
    HAIGA_TRY_VOID(check(config));
    return config;
}

/// What Diffusers and read_autoencoder_config read back.
inline auto write_autoencoder_config(autoencoder_config const& config) -> boost::json::object
{
    auto object = detail::write_keys<detail::autoencoder_keys>(config);
    object["_class_name"] = detail::autoencoder_keys::class_name;
    return object;
}

} // namespace haiga::model
