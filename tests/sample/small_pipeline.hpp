#pragma once

#include "haiga/base/crc32.hpp"
#include "haiga/base/torch_generator.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/io/publish.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/model/autoencoder_kl.hpp"
#include "haiga/model/clip_text.hpp"
#include "haiga/model/clip_text_config_json.hpp"
#include "haiga/model/unet.hpp"
#include "haiga/model/unet_config_json.hpp"
#include "haiga/tokenizer/clip_vocabulary.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace haiga_test {

/// The numbers of tests/peers/pipelines.py: by the checksum of a parameter's name.
inline auto drawn(std::string const& name, haiga::shape const& dims) -> std::vector<float>
{
    std::vector<float> values(static_cast<std::size_t>(dims.elements()));
    haiga::crc32 sum;
    sum.add(haiga::as_bytes(name));
    haiga::torch_generator(sum.value()).fill_uniform(values, -1, 1);
    auto const fan_in = static_cast<double>(dims.elements() / dims[0]);
    auto const spread = static_cast<float>(std::sqrt(5 / fan_in));
    for (float& x : values) {
        x = dims.rank() > 1 ? x * spread : name.ends_with("weight") ? 1 + 0.3F * x : 0.1F * x;
    }
    return values;
}

inline void write_text(std::filesystem::path const& file, std::string const& text)
{
    std::filesystem::create_directories(file.parent_path());
    auto const written = haiga::io::publish_bytes(file, haiga::as_bytes(text));
    HAIGA_CHECK(written.has_value());
}

/// A network of a folder of Diffusers.
inline void write_part(std::filesystem::path const& folder, std::string const& component,
                       haiga::device::graph const& g, boost::json::object const& config)
{
    using namespace haiga;
    std::vector<std::vector<float>> arrays;
    std::vector<checkpoint::named_tensor> tensors;
    for (auto const& p : g.parameters()) {
        arrays.push_back(drawn(component + '/' + p.name, p.shape));
        tensors.push_back({p.name, tensor_view<float const>(arrays.back().data(), p.shape)});
    }
    write_text(folder / component / "config.json", boost::json::serialize(config));
    auto const file = folder / component /
                      (component.starts_with("text") ? "model.safetensors"
                                                     : "diffusion_pytorch_model.safetensors");
    auto const written = io::publish_file(file, [&](io::byte_sink auto& sink) {
        return checkpoint::write_safetensors(sink, tensors, {{"format", "pt"}});
    });
    HAIGA_CHECK(written.has_value());
}

inline void write_text_encoder(std::filesystem::path const& folder, std::string const& component,
                               std::int64_t width, int layers, bool projected)
{
    haiga::model::clip_text_config c;
    c.vocab_size = 515;
    c.hidden_size = c.projection_dim = width;
    c.intermediate_size = 32;
    c.num_hidden_layers = layers;
    c.num_attention_heads = static_cast<int>(width / 64);
    c.eos_token_id = 514;
    c.with_projection = projected;
    haiga::device::graph g;
    haiga::model::clip_text(haiga::model::scope(g), c, g.input(haiga::dtype::i32, {1, 77}));
    write_part(folder, component, g, haiga::model::write_clip_text_config(c));
}

inline auto small_unet(std::int64_t channels, std::int64_t context) -> haiga::model::unet_config
{
    haiga::model::unet_config c;
    c.sample_size = 16;
    c.in_channels = channels;
    c.block_out_channels = {16, 32};
    c.layers_per_block = 1;
    c.norm_num_groups = 8;
    c.down_block_types = {"CrossAttnDownBlock2D", "DownBlock2D"};
    c.up_block_types = {"UpBlock2D", "CrossAttnUpBlock2D"};
    c.attention_head_dim = 4;
    c.cross_attention_dim = context;
    return c;
}

inline void write_unet(std::filesystem::path const& folder, haiga::model::unet_config const& c)
{
    using haiga::dtype;
    haiga::device::graph g;
    haiga::model::unet_inputs in{.sample = g.input(dtype::f32, {1, 4, 4, c.in_channels}),
                                 .timesteps = g.input(dtype::f32, {1}),
                                 .encoder_hidden_states =
                                     g.input(dtype::f32, {1, 77, c.cross_attention_dim.at(0)})};
    if (c.addition_embed_type) {
        in.text_embeds = g.input(dtype::f32, {1, 1280});
        in.time_ids = g.input(dtype::f32, {1, 6});
    }
    haiga::model::unet(haiga::model::scope(g), c, in);
    write_part(folder, "unet", g, haiga::model::write_unet_config(c));
}

inline void write_vae(std::filesystem::path const& folder)
{
    haiga::model::autoencoder_config c;
    c.block_out_channels = {16, 32};
    c.norm_num_groups = 8;
    c.down_block_types = {"DownEncoderBlock2D", "DownEncoderBlock2D"};
    c.up_block_types = {"UpDecoderBlock2D", "UpDecoderBlock2D"};
    haiga::device::graph g;
    haiga::model::scope const root(g);
    haiga::model::encode_moments(root, c, g.input(haiga::dtype::f32, {1, 4, 4, 3}));
    haiga::model::decode_latents(root, c, g.input(haiga::dtype::f32, {1, 2, 2, 4}));
    write_part(folder, "vae", g, haiga::model::write_autoencoder_config(c));
}

inline void write_tokenizer(std::filesystem::path const& folder)
{
    auto const parts = haiga::tokenizer::read_clip_merges("note\na b\n", 1).value();
    boost::json::object vocabulary;
    for (auto const& token : parts.tokens) {
        vocabulary.emplace(token, vocabulary.size());
    }
    write_text(folder / "vocab.json", boost::json::serialize(vocabulary));
    write_text(folder / "merges.txt", "#version: 0.2\na b\n");
}

enum class small_kind { sd1, inpainting, sdxl };

/// A small pipeline as a folder of Diffusers; it paints 32 x 32 pixels.
inline void write_small_pipeline(std::filesystem::path const& folder, small_kind kind)
{
    bool const xl = kind == small_kind::sdxl;
    auto unet = small_unet(kind == small_kind::inpainting ? 9 : 4, xl ? 2048 : 768);
    if (xl) {
        unet.addition_embed_type = "text_time";
        unet.addition_time_embed_dim = 8;
        unet.projection_class_embeddings_input_dim = 1328;
        write_text_encoder(folder, "text_encoder_2", 1280, 1, true);
        write_tokenizer(folder / "tokenizer_2");
    }
    write_unet(folder, unet);
    write_vae(folder);
    write_text_encoder(folder, "text_encoder", 768, xl ? 1 : 2, false);
    write_tokenizer(folder / "tokenizer");
    write_text(folder / "scheduler" / "scheduler_config.json",
               R"({"_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
                   "beta_schedule": "scaled_linear", "steps_offset": 1, "skip_prk_steps": true})");
}

} // namespace haiga_test
