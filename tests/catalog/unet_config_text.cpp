#include "haiga/catalog/unet_config_text.hpp"

#include "haiga/catalog/read_unet_layout.hpp"
#include "tests/catalog/texts.hpp"
#include "tests/model/unet_configs.hpp"

using namespace haiga;
using namespace haiga::catalog;

namespace {

auto text_of(base_model const& model) -> std::string
{
    return unet_config_text(std::get<unet_layout>(model.denoiser), model.family, model.sizes.native)
        .value();
}

auto layout_in(std::string_view text) -> result<unet_layout>
{
    return read_unet_layout(json::parse(text).value());
}

} // namespace

TEST_CASE("what is written for the base models are their published files")
{
    CHECK(test::read_config(text_of(test::base("sd-1.5"))) == test::read_config(test::sd_1_5));
    CHECK(test::read_config(text_of(test::base("sd-2.1"))) == test::read_config(test::sd_2_1));
    CHECK(test::read_config(text_of(test::base("sdxl"))) == test::read_config(test::sdxl_base));
    test::check_holds(text_of(test::base("sd-2.1")), R"({"upcast_attention": true})");
    // of stable-diffusion-2-1-base, what is not in stable-diffusion-2-1
    test::check_holds(text_of(test::base("sd-2.1-base")), R"({"sample_size": 64})");
    CHECK(text_of(test::base("sd-2.1-base")).find("upcast") == std::string::npos);
}

// What diffusers 0.42.1's create_unet_diffusers_config_from_ldm makes of sd_xl_refiner.yaml in
// Stability-AI/generative-models.
TEST_CASE("the refiner's UNet")
{
    test::check_holds(text_of(test::base("sdxl-refiner")), R"({
        "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
        "attention_head_dim": [6, 12, 24, 24], "block_out_channels": [384, 768, 1536, 1536],
        "cross_attention_dim": 1280,
        "down_block_types":
            ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
        "projection_class_embeddings_input_dim": 2560, "sample_size": 128,
        "transformer_layers_per_block": 4,
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        "use_linear_projection": true})");
}

TEST_CASE("inpainting differs in the channels that go in")
{
    for (auto const* const id : {"sd-1.5-inpainting", "sd-2-inpainting", "sdxl-inpainting"}) {
        test::check_holds(text_of(test::base(id)), R"({"in_channels": 9, "out_channels": 4})");
    }
}

TEST_CASE("keys are sorted, and the same layout gives the same bytes")
{
    auto const text = text_of(test::base("sdxl"));
    CHECK(text == text_of(test::base("sdxl")));
    CHECK(text.starts_with("{\n  \"_class_name\": \"UNet2DConditionModel\",\n"
                           "  \"_diffusers_version\": \"0.42.1\",\n  \"act_fn\": \"silu\",\n"));
    auto const file = test::object_of(text);
    CHECK(std::ranges::is_sorted(
        file, {}, [](auto const& member) { return std::string_view(member.key()); }));
}

TEST_CASE("small layouts get groups and heads that divide them")
{
    unet_layout toy;
    toy.channels = {16, 24};
    toy.depths = {1, 0};
    toy.time_width = 48;
    auto const written = unet_config_text(toy, family::sd1, 64);
    REQUIRE(written);
    test::check_holds(*written, R"({"norm_num_groups": 8, "attention_head_dim": 8,
        "sample_size": 8, "time_embedding_dim": 48, "transformer_layers_per_block": 1})");
    test::check_holds(unet_config_text(toy, family::sdxl, 64).value(),
                      R"({"attention_head_dim": [1, 1]})");
    CHECK(layout_in(*written).value() == toy);
}

TEST_CASE("a layout is read back from what was written")
{
    for (auto const& model : base_models()) {
        CAPTURE(std::string(model.id));
        if (auto const* const unet = std::get_if<unet_layout>(&model.denoiser)) {
            CHECK(layout_in(text_of(model)).value() == *unet);
        }
    }
    unet_layout toy;
    toy.channels = {32, 64};
    toy.depths = {2, 1};
    toy.mid_depth = 0;
    toy.time_width = 128;
    CHECK(layout_in(unet_config_text(toy, family::sd2, 512).value()).value() == toy);
}

TEST_CASE("a layout that Diffusers cannot have is refused")
{
    unet_layout uneven;
    uneven.depths = {1, 1, 1, 2};
    CHECK(test::refusal(unet_config_text(uneven, family::sd1, 512)) ==
          "Diffusers has no UNet with transformers of 2 blocks on its last level and of 1 in the "
          "middle");
    uneven.depths = {1, 1};
    CHECK(test::refusal(unet_config_text(uneven, family::sd1, 512)) ==
          "a UNet with 4 levels and 2 depths of transformers");
}

// config.json of lllyasviel/control_v11p_sd15_canny and of diffusers/controlnet-canny-sdxl-1.0, as
// far as diffusers 0.42.1's create_controlnet_diffusers_config_from_ldm writes it.
TEST_CASE("a ControlNet's file")
{
    controlnet_layout controlnet;
    test::check_holds(controlnet_config_text(controlnet, family::sd1).value(), R"({
        "_class_name": "ControlNetModel", "attention_head_dim": 8,
        "block_out_channels": [320, 640, 1280, 1280],
        "conditioning_embedding_out_channels": [16, 32, 96, 256],
        "controlnet_conditioning_channel_order": "rgb", "cross_attention_dim": 768,
        "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D",
                             "CrossAttnDownBlock2D", "DownBlock2D"],
        "downsample_padding": 1, "flip_sin_to_cos": true, "freq_shift": 0, "in_channels": 4,
        "layers_per_block": 2, "mid_block_scale_factor": 1, "norm_eps": 1e-05,
        "norm_num_groups": 32, "use_linear_projection": false})");
    controlnet.unet = test::unet_of("sdxl");
    test::check_holds(controlnet_config_text(controlnet, family::sdxl).value(), R"({
        "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
        "attention_head_dim": [5, 10, 20], "projection_class_embeddings_input_dim": 2816,
        "transformer_layers_per_block": [1, 2, 10], "use_linear_projection": true})");
    controlnet.unet.time_width = 64;
    CHECK(test::refusal(controlnet_config_text(controlnet, family::sdxl)) ==
          "Diffusers has no ControlNet with a time embedding of 64 channels on 320");
}
