#pragma once

#include "haiga/catalog/fit_size.hpp"

#include <cmath>
#include <optional>

// What goes with what, asked before hours are spent. Every refusal says why, and what would work.

namespace haiga::catalog {

namespace detail {

/// The first base model of a family.
inline auto model_of(family kind) -> base_model const&
{
    auto const& models = base_models();
    return *std::ranges::find(models, kind, &base_model::family);
}

/// A ControlNet on the hub that follows edges; none is published for the refiner.
constexpr auto controlnet_of(family kind) -> std::string_view
{
    switch (kind) {
    case family::sd1: return "lllyasviel/control_v11p_sd15_canny";
    case family::sd2: return "thibaud/controlnet-sd21-canny-diffusers";
    case family::sdxl: return "diffusers/controlnet-canny-sdxl-1.0";
    case family::flux: return "InstantX/FLUX.1-dev-Controlnet-Canny";
    case family::sdxl_refiner: break;
    }
    return "";
}

constexpr auto vae_of(family kind) -> std::string_view
{
    switch (kind) {
    case family::sd1:
    case family::sd2: return "stabilityai/sd-vae-ft-mse";
    case family::sdxl:
    case family::sdxl_refiner: return "madebyollin/sdxl-vae-fp16-fix";
    case family::flux: return "the one in black-forest-labs/FLUX.1-schnell";
    }
    return "";
}

inline auto made_for_another(std::string_view what, family made_for, base_model const& base)
    -> std::string
{
    return concat("a ", what, " for ", to_string(made_for), " does not fit ", base.id,
                  ", which is ", to_string(base.family));
}

} // namespace detail

/// Errors: mismatch, naming a ControlNet that fits, and a base model that fits this one.
inline auto check_controlnet(base_model const& base, family made_for) -> result<>
{
    if (made_for == base.family) {
        return {};
    }
    auto const known = detail::controlnet_of(base.family);
    return fail(errc::mismatch, detail::made_for_another("ControlNet", made_for, base), ": take ",
                known.empty()
                    ? ""
                    : concat("one for ", to_string(base.family), " such as ", known, ", or "),
                "the base model ", detail::model_of(made_for).id);
}

/// The same for a ControlNet whose family is known by its layout alone.
/// Errors: mismatch; unsupported where its text state is that of no family.
inline auto check_controlnet(base_model const& base, controlnet_layout const& controlnet)
    -> result<>
{
    auto const made_for = family_of_context(controlnet.unet.context);
    if (!made_for) {
        return fail(errc::unsupported, "a ControlNet whose text state has ",
                    controlnet.unet.context, " channels is for none of the known base models");
    }
    return check_controlnet(base, *made_for);
}

/// Errors: mismatch, naming the family that fits, and a base model that fits this LoRA.
inline auto check_lora(base_model const& base, family made_for) -> result<>
{
    if (made_for == base.family) {
        return {};
    }
    return fail(errc::mismatch, detail::made_for_another("LoRA", made_for, base), ": take one for ",
                to_string(base.family), ", or the base model ", detail::model_of(made_for).id);
}

/// scale: as its config.json tells it; a VAE in a single file does not, and those of Stable
/// Diffusion and SDXL differ in nothing else that can be seen.
///
/// Errors: mismatch, naming a VAE that fits.
inline auto check_vae(base_model const& base, vae_layout const& vae,
                      std::optional<latent_scale> scale = {}) -> result<>
{
    auto const instead = concat(": take ", detail::vae_of(base.family));
    if (vae.latent_channels != base.vae.latent_channels) {
        return fail(errc::mismatch, "this VAE has latents of ", vae.latent_channels, " channels, ",
                    base.id, " paints ", base.vae.latent_channels, instead);
    }
    auto const differs = [](double a, double b) { return std::abs(a - b) > 1e-4; };
    auto const own = base.latents();
    if (scale && differs(scale->factor, own.factor)) {
        return fail(errc::mismatch, "this VAE scales its latents by ", scale->factor, ", ", base.id,
                    " was trained on ", own.factor, instead);
    }
    if (scale && differs(scale->shift, own.shift)) {
        return fail(errc::mismatch, "this VAE shifts its latents by ", scale->shift, ", ", base.id,
                    " was trained on ", own.shift, instead);
    }
    return {};
}

/// wanted: only a part of a given picture is to be painted.
///
/// Errors: mismatch, naming the model for the other job.
inline auto check_mask(base_model const& base, bool wanted) -> result<>
{
    if (base.is_inpainting() == wanted) {
        return {};
    }
    auto const find = [&](family kind) {
        return std::ranges::find_if(base_models(), [&](base_model const& model) {
            return model.family == kind && model.is_inpainting() == wanted;
        });
    };
    auto other = find(base.family);
    if (other == base_models().end()) { // no inpainting is published for the refiner and Flux
        other = find(family::sdxl);
    }
    return fail(errc::mismatch, base.id,
                wanted ? " sees no mask: its edges would show; take "
                       : " expects a mask and the picture around it; without one take ",
                other->id);
}

} // namespace haiga::catalog
