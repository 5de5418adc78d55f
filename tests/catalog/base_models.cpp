#include "haiga/catalog/base_models.hpp"

#include "haiga/catalog/fit_size.hpp"
#include "tests/catalog/texts.hpp"

#include <numeric>
#include <set>

using namespace haiga;
using namespace haiga::catalog;

TEST_CASE("ids and repositories are different, and found")
{
    std::set<std::string_view> ids;
    std::set<std::string_view> repositories;
    for (auto const& model : base_models()) {
        CHECK(ids.insert(model.id).second);
        CHECK(repositories.insert(model.hub.repository).second);
        CHECK(model.hub.repository.find('/') != std::string_view::npos);
        CHECK_FALSE(model.title.empty());
        CHECK(find_base_model(model.id).value() == model);
    }
    CHECK(base_models().size() == 10);
    CHECK(test::refusal(find_base_model("sd15")) ==
          "no base model \"sd15\"; there are sd-1.5, sd-1.5-inpainting, sd-2.1-base, sd-2.1, "
          "sd-2-inpainting, sdxl, sdxl-inpainting, sdxl-refiner, flux-dev, flux-schnell");
}

TEST_CASE("the parts of a UNet agree with each other and with the text that it looks at")
{
    for (auto const& model : base_models()) {
        CAPTURE(std::string(model.id));
        auto const* const unet = std::get_if<unet_layout>(&model.denoiser);
        if (unet == nullptr) {
            continue;
        }
        CHECK(unet->channels.size() == unet->depths.size());
        CHECK(unet->time_width == 4 * unet->channels.front());
        CHECK(unet->in_channels == (model.is_inpainting() ? 9 : 4));
        CHECK(unet->out_channels == model.vae.latent_channels);
        CHECK(family_of_context(unet->context) == model.family);
        auto const width = [](std::optional<text_layout> const& text) {
            return text ? text->width : 0;
        };
        CHECK(unet->context == width(model.text) + width(model.text_2));
        CHECK(unet->added.has_value() == model.text_2.has_value());
        if (unet->added) { // what is left are sinusoids of 256 channels
            CHECK((*unet->added - model.text_2->projection.value()) % 256 == 0);
        }
    }
}

TEST_CASE("a Flux is told the strength of guidance or not, and shifts its steps accordingly")
{
    for (auto const* const id : {"flux-dev", "flux-schnell"}) {
        auto const model = test::base(id);
        auto const flux = std::get<flux_layout>(model.denoiser);
        CHECK(flux.guidance == (model.scheduler == scheduler::flow_shifted));
        CHECK(flux.guidance == (model.id == "flux-dev"));
        CHECK(flux.in_channels == 4 * model.vae.latent_channels); // 2 x 2 latents are one token
        CHECK(flux.pooled == model.text->width);
        CHECK(model.prediction == prediction::flow);
    }
}

TEST_CASE("every text encoder has heads of 64 channels and MLPs of four times its width")
{
    for (auto const& model : base_models()) {
        for (auto const& text : {model.text, model.text_2}) {
            if (text) {
                CHECK(text->width % 64 == 0);
                CHECK(text->hidden == 4 * text->width);
            }
        }
    }
}

TEST_CASE("a model paints at its native size, and predicts what its scheduler is published with")
{
    for (auto const& model : base_models()) {
        CAPTURE(std::string(model.id));
        CHECK(check_size(model, {model.sizes.native, model.sizes.native}));
        CHECK((model.prediction == prediction::flow) == (model.family == family::flux));
        if (!model.is_inpainting() && model.id != "flux-dev") {
            CHECK(model.scheduler == default_scheduler(model.family, model.prediction));
        }
    }
    CHECK(test::base("sd-2.1").prediction == prediction::v_prediction);
    CHECK(test::base("sd-2.1-base").prediction == prediction::epsilon);
}

TEST_CASE("latents are scaled as the published VAEs say")
{
    CHECK(test::base("sd-1.5").latents() == latent_scale{.factor = 0.18215});
    CHECK(test::base("sd-2.1").latents() == latent_scale{.factor = 0.18215});
    CHECK(test::base("sdxl-refiner").latents() == latent_scale{.factor = 0.13025});
    CHECK(test::base("flux-dev").latents() == latent_scale{.factor = 0.3611, .shift = 0.1159});
}
