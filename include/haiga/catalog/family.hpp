#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace haiga::catalog {

/// Models of a family have the same parameters, but for the mask that inpainting sees; ControlNets
/// and LoRAs go from one to another.
enum class family : std::uint8_t { sd1, sd2, sdxl, sdxl_refiner, flux };

constexpr auto to_string(family kind) -> std::string_view
{
    switch (kind) {
    case family::sd1: return "Stable Diffusion 1";
    case family::sd2: return "Stable Diffusion 2";
    case family::sdxl: return "SDXL";
    case family::sdxl_refiner: return "SDXL refiner";
    case family::flux: return "Flux";
    }
    return "unknown";
}

/// What a model's output stands for.
/// Source: Ho et al. 2020, section 3.2; Salimans and Ho 2022, arXiv:2202.00512; Lipman et al. 2022,
///         arXiv:2210.02747.
enum class prediction : std::uint8_t { epsilon, v_prediction, flow };

/// Diffusers' name.
constexpr auto to_string(prediction kind) -> std::string_view
{
    switch (kind) {
    case prediction::epsilon: return "epsilon";
    case prediction::v_prediction: return "v_prediction";
    case prediction::flow: return "flow_prediction";
    }
    return "unknown";
}

/// The family whose UNets and ControlNets look at text of so many channels.
constexpr auto family_of_context(std::int64_t channels) -> std::optional<family>
{
    switch (channels) {
    case 768: return family::sd1;
    case 1024: return family::sd2;
    case 2048: return family::sdxl;
    case 1280: return family::sdxl_refiner;
    default: return {};
    }
}

/// What a VAE's latents are made of before a model sees them: (latent - shift) * factor.
struct latent_scale {
    double factor = 1;
    double shift = 0;

    friend auto operator==(latent_scale const&, latent_scale const&) -> bool = default;
};

/// Source: vae/config.json of the models in base_models.hpp.
constexpr auto latents_of(family kind) -> latent_scale
{
    switch (kind) {
    case family::sd1:
    case family::sd2: return {.factor = 0.18215};
    case family::sdxl:
    case family::sdxl_refiner: return {.factor = 0.13025};
    case family::flux: return {.factor = 0.3611, .shift = 0.1159};
    }
    return {};
}

} // namespace haiga::catalog
