#pragma once

#include "haiga/catalog/layout.hpp"
#include "haiga/catalog/scheduler.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace haiga::catalog {

/// The sizes at which a model paints as it was trained to. Units: pixels.
struct size_range {
    std::int64_t native = 512; ///< a side of the squares that it was trained on last
    std::int64_t multiple = 8; ///< of both sides
    std::int64_t fewest = 0;   ///< width * height
    std::int64_t most = 0;
    std::int64_t elongation = 2; ///< the longer side is at most so many times the shorter

    friend auto operator==(size_range const&, size_range const&) -> bool = default;
};

/// A repository on the Hugging Face hub that is a Diffusers folder.
struct hub_files {
    std::string_view repository;
    std::string_view single_file; ///< the same model in one file, where there is one; Flux's
                                  ///< transformer alone

    friend auto operator==(hub_files const&, hub_files const&) -> bool = default;
};

/// A published model that others are trained from.
struct base_model {
    std::string_view id; ///< what a user types
    std::string_view title;
    catalog::family family = catalog::family::sd1;
    size_range sizes;
    catalog::prediction prediction = catalog::prediction::epsilon;
    std::variant<unet_layout, flux_layout> denoiser;
    vae_layout vae;
    std::optional<text_layout> text;   ///< text_encoder
    std::optional<text_layout> text_2; ///< text_encoder_2; Flux's is a T5, which has no layout here
    catalog::scheduler scheduler = catalog::scheduler::pndm;
    hub_files hub;

    [[nodiscard]] auto latents() const -> latent_scale { return latents_of(family); }

    /// Beside the noisy latents it sees a mask and what the mask leaves.
    [[nodiscard]] auto is_inpainting() const -> bool
    {
        auto const* const unet = std::get_if<unet_layout>(&denoiser);
        return unet != nullptr && unet->in_channels == 2 * vae.latent_channels + 1;
    }

    friend auto operator==(base_model const&, base_model const&) -> bool = default;
};

} // namespace haiga::catalog
