#pragma once

#include "haiga/catalog/base_models.hpp"
#include "haiga/checkpoint/recognise.hpp"

namespace haiga::checkpoint {

/// What a published model's checkpoint holds.
inline auto architecture_of(catalog::base_model const& base) -> architecture
{
    architecture a;
    a.follows = naming::diffusers;
    a.family = base.family;
    a.whole = true;
    auto const add = [&](part_kind kind, std::string component, part_layout layout) {
        a.parts.push_back({kind, std::move(component), {}, std::move(layout)});
    };
    if (auto const* const unet = std::get_if<catalog::unet_layout>(&base.denoiser)) {
        add(part_kind::unet, "unet", *unet);
    } else {
        add(part_kind::flux, "transformer", std::get<catalog::flux_layout>(base.denoiser));
    }
    add(part_kind::vae, "vae", base.vae);
    if (base.text) {
        add(part_kind::clip, "text_encoder", *base.text);
    }
    if (base.text_2) {
        add(part_kind::clip, "text_encoder_2", *base.text_2);
    }
    for (auto& part : a.parts) {
        detail::find_original_place(part, a);
        detail::trim(part, a);
    }
    return a;
}

} // namespace haiga::checkpoint
