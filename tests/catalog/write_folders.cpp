#include "haiga/catalog/clip_tokenizer_text.hpp"
#include "haiga/catalog/flux_config_text.hpp"
#include "haiga/catalog/model_index_text.hpp"
#include "haiga/catalog/scheduler_config_text.hpp"
#include "haiga/catalog/text_config_text.hpp"
#include "haiga/catalog/unet_config_text.hpp"
#include "haiga/catalog/vae_config_text.hpp"
#include "tests/catalog/texts.hpp"
#include "tests/clip_merges_file.hpp"

#include <filesystem>
#include <fstream>

using namespace haiga;
using namespace haiga::catalog;

namespace {

void write(std::filesystem::path const& file, std::string_view text)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

void write_tokenizer(std::filesystem::path const& folder, std::string_view padding)
{
    if (auto const text = test::clip_merges_file()) {
        auto const files = clip_tokenizer_files(*text).value();
        write(folder / "vocab.json", files.vocabulary);
        write(folder / "merges.txt", files.merges);
    }
    write(folder / "tokenizer_config.json", tokenizer_config_text(padding));
    write(folder / "special_tokens_map.json", special_tokens_map_text(padding));
}

void write_texts(std::filesystem::path const& folder, base_model const& model)
{
    using enum tokenizer_place;
    if (model.text) {
        auto const origin =
            model.family == family::sd2 ? clip_origin::openclip : clip_origin::openai;
        write(folder / "text_encoder/config.json", text_config_text(*model.text, origin));
        write_tokenizer(folder / "tokenizer", clip_padding(model.family, tokenizer));
    }
    if (model.text_2) {
        write(folder / "text_encoder_2/config.json",
              text_config_text(*model.text_2, clip_origin::openclip));
        write_tokenizer(folder / "tokenizer_2", clip_padding(model.family, tokenizer_2));
    }
}

void write_denoiser(std::filesystem::path const& folder, base_model const& model)
{
    auto const* const unet = std::get_if<unet_layout>(&model.denoiser);
    if (unet == nullptr) {
        auto const text = flux_config_text(std::get<flux_layout>(model.denoiser));
        return write(folder / "transformer/config.json", text.value());
    }
    write(folder / "unet/config.json",
          unet_config_text(*unet, model.family, model.sizes.native).value());
    controlnet_layout controlnet;
    controlnet.unet = *unet;
    controlnet.unet.in_channels = 4;
    write(folder / "controlnet/config.json",
          controlnet_config_text(controlnet, model.family).value());
}

} // namespace

TEST_CASE("folders of all base models, for tests/peers/catalog_configs.py")
{
    auto const* const out = std::getenv("HAIGA_CATALOG_OUT");
    if (out == nullptr) {
        MESSAGE("skipped: HAIGA_CATALOG_OUT is not set");
        return;
    }
    for (auto const& model : base_models()) {
        auto const folder = std::filesystem::path(out) / model.id;
        write_denoiser(folder, model);
        write_texts(folder, model);
        write(folder / "vae/config.json",
              vae_config_text(model.vae, model.family, model.sizes.native));
        write(folder / "scheduler/scheduler_config.json",
              scheduler_config_text(model.scheduler, model.prediction));
        write(folder / "model_index.json",
              model_index_text(model.family, model.is_inpainting(), model.scheduler));
        CHECK(std::filesystem::exists(folder / "model_index.json"));
    }
}
