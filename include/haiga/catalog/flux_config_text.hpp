#pragma once

#include "haiga/base/result.hpp"
#include "haiga/catalog/config_text.hpp"
#include "haiga/catalog/layout.hpp"

#include <utility>

namespace haiga::catalog {

/// transformer/config.json.
///
/// Errors: unsupported for a layout that FluxTransformer2DModel cannot have.
/// Source: diffusers 0.42.1, transformer_flux.py, and the published files.
inline auto flux_config_text(flux_layout const& flux) -> result<std::string>
{
    if (flux.head < 6 || flux.head % 2 != 0 || flux.width % flux.head != 0) {
        return fail(errc::unsupported, "a Flux of ", flux.width, " channels in heads of ",
                    flux.head);
    }
    if (flux.hidden != 4 * flux.width || flux.frequencies != 256) {
        return fail(errc::unsupported, "Diffusers has no Flux whose MLPs have ", flux.hidden,
                    " channels on ", flux.width, ", with ", flux.frequencies,
                    " frequencies of time; only ", 4 * flux.width, " and 256");
    }
    auto const along = flux.head * 7 / 16 / 2 * 2; // of a head's channels, even: 56 of 128
    boost::json::object config{
        {"attention_head_dim", flux.head},
        {"axes_dims_rope", {flux.head - 2 * along, along, along}},
        {"guidance_embeds", flux.guidance},
        {"in_channels", flux.in_channels},
        {"joint_attention_dim", flux.context},
        {"num_attention_heads", flux.width / flux.head},
        {"num_layers", flux.double_blocks},
        {"num_single_layers", flux.single_blocks},
        {"out_channels", flux.out_channels},
        {"patch_size", 1},
        {"pooled_projection_dim", flux.pooled},
    };
    return detail::diffusers_text("FluxTransformer2DModel", std::move(config));
}

} // namespace haiga::catalog
