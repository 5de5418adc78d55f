#pragma once

#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/family.hpp"
#include "haiga/catalog/layout.hpp"

#include <utility>

namespace haiga::catalog {

/// vae/config.json. resolution: a side of the pictures that its model was trained on, in pixels.
/// Source: diffusers 0.42.1, create_vae_diffusers_config_from_ldm, and the published files.
inline auto vae_config_text(vae_layout const& vae, family kind, std::int64_t resolution)
    -> std::string
{
    auto const scale = latents_of(kind);
    auto const levels = vae.channels.size();
    boost::json::object config{
        {"act_fn", "silu"},
        {"block_out_channels", detail::json_list(vae.channels)},
        {"down_block_types", boost::json::array(levels, "DownEncoderBlock2D")},
        {"in_channels", vae.in_channels},
        {"latent_channels", vae.latent_channels},
        {"layers_per_block", vae.layers},
        {"norm_num_groups", detail::groups_of(32, vae.channels)},
        {"out_channels", vae.out_channels},
        {"sample_size", resolution},
        {"scaling_factor", scale.factor},
        {"up_block_types", boost::json::array(levels, "UpDecoderBlock2D")},
    };
    if (kind != family::sd1 && kind != family::sd2) {
        config["force_upcast"] = true; // its activations exceed fp16
    }
    if (kind == family::flux) {
        config["shift_factor"] = scale.shift;
        config["use_quant_conv"] = false;
        config["use_post_quant_conv"] = false;
    }
    return detail::diffusers_text("AutoencoderKL", std::move(config));
}

} // namespace haiga::catalog
