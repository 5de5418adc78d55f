#include "haiga/catalog/fit.hpp"

#include "tests/catalog/texts.hpp"

using namespace haiga;
using namespace haiga::catalog;
using test::base;
using test::refusal;

TEST_CASE("a ControlNet for another family is refused, with one that fits")
{
    controlnet_layout xl;
    xl.unet = test::unet_of("sdxl");
    CHECK(check_controlnet(base("sdxl"), xl));
    CHECK(refusal(check_controlnet(base("sd-1.5"), xl)) ==
          "a ControlNet for SDXL does not fit sd-1.5, which is Stable Diffusion 1: take one for "
          "Stable Diffusion 1 such as lllyasviel/control_v11p_sd15_canny, or the base model sdxl");
    controlnet_layout const sd1;
    CHECK(check_controlnet(base("sd-1.5-inpainting"), sd1));
    CHECK(refusal(check_controlnet(base("sdxl-refiner"), sd1)) ==
          "a ControlNet for Stable Diffusion 1 does not fit sdxl-refiner, which is SDXL refiner: "
          "take the base model sd-1.5");
    CHECK_FALSE(check_controlnet(base("flux-dev"), sd1));
    controlnet_layout unknown;
    unknown.unet.context = 24;
    CHECK(refusal(check_controlnet(base("sd-1.5"), unknown)) ==
          "a ControlNet whose text state has 24 channels is for none of the known base models");
}

TEST_CASE("a LoRA for another family is refused")
{
    CHECK(check_lora(base("sd-1.5-inpainting"), family::sd1));
    CHECK(check_lora(base("flux-schnell"), family::flux));
    CHECK(
        refusal(check_lora(base("sd-2.1"), family::sd1)) ==
        "a LoRA for Stable Diffusion 1 does not fit sd-2.1, which is Stable Diffusion 2: take one "
        "for Stable Diffusion 2, or the base model sd-1.5");
    CHECK_FALSE(check_lora(base("sdxl-refiner"), family::sdxl));
}

TEST_CASE("a VAE with other latents is refused")
{
    auto const sd = base("sd-1.5");
    auto const xl = base("sdxl");
    auto const flux = base("flux-dev");
    CHECK(check_vae(sd, base("sd-2.1").vae, latents_of(family::sd2)));
    CHECK(check_vae(xl, sd.vae)); // its shapes are the same: the scale would tell
    CHECK(refusal(check_vae(sd, xl.vae, xl.latents())) ==
          "this VAE scales its latents by 0.13025, sd-1.5 was trained on 0.18215: take "
          "stabilityai/sd-vae-ft-mse");
    CHECK(refusal(check_vae(xl, flux.vae, flux.latents())) ==
          "this VAE has latents of 16 channels, sdxl paints 4: take madebyollin/sdxl-vae-fp16-fix");
    CHECK(refusal(check_vae(flux, flux.vae, latent_scale{.factor = 0.3611})) ==
          "this VAE shifts its latents by 0, flux-dev was trained on 0.1159: take the one in "
          "black-forest-labs/FLUX.1-schnell");
}

TEST_CASE("a mask is for models that see it")
{
    CHECK(check_mask(base("sd-1.5-inpainting"), true));
    CHECK(check_mask(base("sd-1.5"), false));
    CHECK(refusal(check_mask(base("sd-2.1"), true)) ==
          "sd-2.1 sees no mask: its edges would show; take sd-2-inpainting");
    CHECK(refusal(check_mask(base("flux-dev"), true)).ends_with("take sdxl-inpainting"));
    CHECK(refusal(check_mask(base("sdxl-inpainting"), false)) ==
          "sdxl-inpainting expects a mask and the picture around it; without one take sdxl");
}
