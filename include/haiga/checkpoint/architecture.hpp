#pragma once

#include "haiga/catalog/family.hpp"
#include "haiga/checkpoint/inside.hpp"
#include "haiga/checkpoint/keys/clip.hpp"
#include "haiga/checkpoint/keys/controlnet.hpp"
#include "haiga/checkpoint/keys/flux.hpp"
#include "haiga/checkpoint/keys/unet.hpp"
#include "haiga/checkpoint/keys/vae.hpp"

#include <optional>
#include <variant>

namespace haiga::checkpoint {

enum class part_kind : std::uint8_t { unet, controlnet, vae, clip, open_clip, flux };

constexpr auto to_string(part_kind kind) -> std::string_view
{
    constexpr std::string_view names[] = {
        "UNet", "ControlNet", "VAE", "CLIP text model", "OpenCLIP text model", "Flux transformer"};
    return names[static_cast<std::size_t>(kind)];
}

using part_layout = std::variant<catalog::unet_layout, catalog::controlnet_layout,
                                 catalog::vae_layout, catalog::text_layout, catalog::flux_layout>;

/// A network of a model, under both names.
struct model_part {
    part_kind kind = part_kind::unet; ///< of text models: whose names the original has
    std::string component;            ///< its folder: "unet"
    std::string prefix;               ///< in the original, without the dot at its end
    part_layout layout;

    [[nodiscard]] auto root() const -> place { return {component + '/', prefix}; }
};

/// What a checkpoint holds, told from the names and shapes of its tensors.
struct architecture {
    naming follows = naming::original;
    std::optional<catalog::family> family; ///< none for a VAE alone, which several may use
    bool whole = false;                    ///< several parts that make a pipeline; else one alone
    std::vector<model_part> parts;

    [[nodiscard]] auto part(std::string_view component) const -> model_part const*
    {
        auto const at = std::ranges::find(parts, component, &model_part::component);
        return at == parts.end() ? nullptr : &*at;
    }

    /// The layout of a part; null where there is none.
    template <class Layout>
    [[nodiscard]] auto layout(std::string_view component) const -> Layout const*
    {
        auto const* const found = part(component);
        return found == nullptr ? nullptr : std::get_if<Layout>(&found->layout);
    }

    /// Whether the UNet is given a mask and a masked picture beside the latents.
    [[nodiscard]] auto inpaints() const -> bool
    {
        auto const* const unet = layout<catalog::unet_layout>("unet");
        return unet != nullptr && unet->in_channels == 2 * unet->out_channels + 1;
    }
};

} // namespace haiga::checkpoint
