#include "haiga/catalog/flux_config_text.hpp"
#include "haiga/catalog/model_index_text.hpp"
#include "haiga/catalog/scheduler_config_text.hpp"
#include "haiga/catalog/text_config_text.hpp"
#include "haiga/catalog/vae_config_text.hpp"

#include "haiga/sched/config_json.hpp"
#include "tests/catalog/texts.hpp"

using namespace haiga;
using namespace haiga::catalog;
using test::base;
using test::check_holds;

namespace {

auto vae_text(std::string_view id) -> std::string
{
    auto const model = base(id);
    return vae_config_text(model.vae, model.family, model.sizes.native);
}

auto scheduler_text(std::string_view id) -> std::string
{
    auto const model = base(id);
    return scheduler_config_text(model.scheduler, model.prediction);
}

auto index_text(std::string_view id) -> std::string
{
    auto const model = base(id);
    return model_index_text(model.family, model.is_inpainting(), model.scheduler);
}

} // namespace

// What follows are the files of the repositories in base_models.hpp, without _name_or_path,
// _diffusers_version, torch_dtype and transformers_version.

TEST_CASE("vae/config.json")
{
    auto const* const common = R"({"_class_name": "AutoencoderKL", "act_fn": "silu",
        "block_out_channels": [128, 256, 512, 512],
        "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D",
                             "DownEncoderBlock2D"],
        "in_channels": 3, "layers_per_block": 2, "norm_num_groups": 32, "out_channels": 3,
        "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D", "UpDecoderBlock2D",
                           "UpDecoderBlock2D"]})";
    for (auto const& model : base_models()) {
        check_holds(vae_text(model.id), common);
    }
    check_holds(vae_text("sd-1.5"),
                R"({"latent_channels": 4, "sample_size": 512, "scaling_factor": 0.18215})");
    check_holds(vae_text("sd-2.1"),
                R"({"latent_channels": 4, "sample_size": 768, "scaling_factor": 0.18215})");
    check_holds(vae_text("sdxl"), R"({"force_upcast": true, "latent_channels": 4,
        "sample_size": 1024, "scaling_factor": 0.13025})");
    check_holds(vae_text("flux-schnell"), R"({"force_upcast": true, "latent_channels": 16,
        "sample_size": 1024, "scaling_factor": 0.3611, "shift_factor": 0.1159,
        "use_post_quant_conv": false, "use_quant_conv": false})");
    CHECK(vae_text("sd-1.5").find("quant_conv") == std::string::npos);
}

TEST_CASE("text_encoder/config.json and text_encoder_2/config.json")
{
    auto const* const common = R"({"attention_dropout": 0.0, "bos_token_id": 0, "dropout": 0.0,
        "eos_token_id": 2, "initializer_factor": 1.0, "initializer_range": 0.02,
        "layer_norm_eps": 1e-05, "max_position_embeddings": 77, "model_type": "clip_text_model",
        "pad_token_id": 1, "vocab_size": 49408})";
    auto const first = text_config_text(base("sd-1.5").text.value(), clip_origin::openai);
    check_holds(first, common);
    check_holds(first, R"({"architectures": ["CLIPTextModel"], "hidden_act": "quick_gelu",
        "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12,
        "num_hidden_layers": 12, "projection_dim": 768})");
    auto const sd2 = text_config_text(base("sd-2.1").text.value(), clip_origin::openclip);
    check_holds(sd2, common);
    check_holds(sd2, R"({"architectures": ["CLIPTextModel"], "hidden_act": "gelu",
        "hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
        "num_hidden_layers": 23, "projection_dim": 512})");
    auto const second = text_config_text(base("sdxl").text_2.value(), clip_origin::openclip);
    check_holds(second, common);
    check_holds(second, R"({"architectures": ["CLIPTextModelWithProjection"],
        "hidden_act": "gelu", "hidden_size": 1280, "intermediate_size": 5120,
        "num_attention_heads": 20, "num_hidden_layers": 32, "projection_dim": 1280})");
}

TEST_CASE("transformer/config.json")
{
    auto const text_of = [](std::string_view id) {
        return flux_config_text(std::get<flux_layout>(base(id).denoiser)).value();
    };
    check_holds(text_of("flux-schnell"), R"({"_class_name": "FluxTransformer2DModel",
        "attention_head_dim": 128, "axes_dims_rope": [16, 56, 56], "guidance_embeds": false,
        "in_channels": 64, "joint_attention_dim": 4096, "num_attention_heads": 24,
        "num_layers": 19, "num_single_layers": 38, "patch_size": 1,
        "pooled_projection_dim": 768})");
    check_holds(text_of("flux-dev"), R"({"guidance_embeds": true})");
    flux_layout toy{.width = 64, .hidden = 256, .head = 16};
    check_holds(flux_config_text(toy).value(), R"({"axes_dims_rope": [4, 6, 6]})");
    toy.hidden = 128;
    CHECK(test::refusal(flux_config_text(toy)) ==
          "Diffusers has no Flux whose MLPs have 128 channels on 64, with 256 frequencies of time; "
          "only 256 and 256");
    toy.head = 48;
    CHECK(test::refusal(flux_config_text(toy)) == "a Flux of 64 channels in heads of 48");
}

TEST_CASE("scheduler/scheduler_config.json")
{
    auto const* const common = R"({"beta_end": 0.012, "beta_schedule": "scaled_linear",
        "beta_start": 0.00085, "clip_sample": false, "num_train_timesteps": 1000,
        "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1,
        "trained_betas": null})";
    for (auto const* const id : {"sd-1.5", "sd-2.1", "sd-2.1-base", "sdxl", "sdxl-refiner"}) {
        check_holds(scheduler_text(id), common);
    }
    check_holds(scheduler_text("sd-1.5"),
                R"({"_class_name": "PNDMScheduler", "prediction_type": "epsilon"})");
    check_holds(scheduler_text("sd-2.1"),
                R"({"_class_name": "DDIMScheduler", "prediction_type": "v_prediction"})");
    check_holds(scheduler_text("sdxl"), R"({"_class_name": "EulerDiscreteScheduler",
        "interpolation_type": "linear", "prediction_type": "epsilon", "sample_max_value": 1.0,
        "timestep_spacing": "leading", "use_karras_sigmas": false})");
    auto const* const flow = R"({"_class_name": "FlowMatchEulerDiscreteScheduler",
        "base_image_seq_len": 256, "base_shift": 0.5, "max_image_seq_len": 4096,
        "max_shift": 1.15, "num_train_timesteps": 1000})";
    check_holds(scheduler_text("flux-dev"), flow);
    check_holds(scheduler_text("flux-schnell"), flow);
    check_holds(scheduler_text("flux-dev"), R"({"shift": 3.0, "use_dynamic_shifting": true})");
    check_holds(scheduler_text("flux-schnell"), R"({"shift": 1.0, "use_dynamic_shifting": false})");
}

TEST_CASE("the schedulers here read what is written")
{
    for (auto const* const id : {"sd-1.5", "sd-2.1", "sdxl", "sd-2-inpainting"}) {
        auto const read =
            sched::read_scheduler_config(test::object_of(scheduler_text(id)), sched::method::ddim);
        REQUIRE(read);
        CHECK(sched::make_schedule(read->schedule).value() == sched::scaled_linear());
    }
}

TEST_CASE("model_index.json")
{
    check_holds(index_text("sd-1.5"), R"({"_class_name": "StableDiffusionPipeline",
        "feature_extractor": [null, null], "requires_safety_checker": false,
        "safety_checker": [null, null], "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]})");
    check_holds(index_text("sd-2.1"), R"({"_class_name": "StableDiffusionPipeline",
        "requires_safety_checker": false, "scheduler": ["diffusers", "DDIMScheduler"]})");
    check_holds(index_text("sd-2-inpainting"),
                R"({"_class_name": "StableDiffusionInpaintPipeline",
        "feature_extractor": [null, null], "scheduler": ["diffusers", "PNDMScheduler"]})");
    check_holds(index_text("sdxl"), R"({"_class_name": "StableDiffusionXLPipeline",
        "force_zeros_for_empty_prompt": true, "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]})");
    check_holds(index_text("sdxl-inpainting"),
                R"({"_class_name": "StableDiffusionXLInpaintPipeline"})");
    check_holds(index_text("sdxl-refiner"), R"({"_class_name": "StableDiffusionXLImg2ImgPipeline",
        "force_zeros_for_empty_prompt": false, "requires_aesthetics_score": true,
        "text_encoder": [null, null], "tokenizer": [null, null],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"]})");
    check_holds(index_text("flux-dev"), R"({"_class_name": "FluxPipeline",
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "T5EncoderModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "T5TokenizerFast"],
        "transformer": ["diffusers", "FluxTransformer2DModel"],
        "vae": ["diffusers", "AutoencoderKL"]})");
    for (auto const* const key : {"unet", "safety_checker"}) {
        CHECK_FALSE(test::object_of(index_text("flux-dev")).contains(key));
    }
}
