#include "haiga/sample/load_part.hpp"

#include "haiga/base/torch_generator.hpp"
#include "haiga/checkpoint/convert.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/model/autoencoder_kl.hpp"
#include "haiga/model/clip_text.hpp"
#include "haiga/model/clip_text_config_json.hpp"
#include "haiga/model/initialise.hpp"
#include "haiga/tensor/tensor.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;

/// A traced model and its parameters, filled as a new model's are.
struct new_model {
    device::graph g;
    aligned_vector<float> values;

    template <class Trace>
    explicit new_model(Trace const& trace)
    {
        trace(g);
        values.resize(model::flat_size<float>(g));
    }
    auto parameters() -> model::flat_parameters<float> { return {g, values}; }
    void start()
    {
        torch_generator generator(9);
        model::initialise(parameters(), generator);
    }
    /// As one part's folder of Diffusers or transformers.
    void save(std::filesystem::path const& folder, std::string const& stem,
              boost::json::object const& config)
    {
        auto const all = parameters();
        std::vector<std::vector<float>> arrays;
        std::vector<checkpoint::named_tensor> tensors;
        arrays.reserve(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            arrays.push_back(all.checkpoint(i));
            tensors.push_back({all.info(i).name,
                               tensor_view<float const>(arrays.back().data(), all.info(i).shape)});
        }
        std::filesystem::create_directories(folder);
        REQUIRE(
            io::publish_bytes(folder / "config.json", as_bytes(boost::json::serialize(config))));
        REQUIRE(io::publish_file(folder / (stem + ".safetensors"), [&](io::byte_sink auto& sink) {
            return checkpoint::write_safetensors(sink, tensors, {{"format", "pt"}});
        }));
    }
};

auto small_text_config() -> model::clip_text_config
{
    return {.vocab_size = 20,
            .hidden_size = 64, // a head's width is 64 in what the catalogue says
            .intermediate_size = 24,
            .projection_dim = 64,
            .num_hidden_layers = 2,
            .num_attention_heads = 1,
            .max_position_embeddings = 7,
            .eos_token_id = 2};
}

auto small_vae_config() -> model::autoencoder_config
{
    model::autoencoder_config c;
    c.down_block_types = {"DownEncoderBlock2D", "DownEncoderBlock2D"};
    c.up_block_types = {"UpDecoderBlock2D", "UpDecoderBlock2D"};
    c.block_out_channels = {8, 16};
    c.norm_num_groups = 8;
    return c;
}

void trace_vae(device::graph& g, model::autoencoder_config const& c)
{
    model::scope const root(g);
    model::encode_moments(root, c, g.input(dtype::f32, {1, 4, 4, 3}));
    model::decode_latents(root, c, g.input(dtype::f32, {1, 2, 2, 4}));
}

/// Has one part loaded from a folder and from the single file that it is converted to.
template <class Trace>
void check_loading(new_model& saved, std::filesystem::path const& folder,
                   sample::part_choice const& choice, Trace const& trace)
{
    checkpoint::conversion wanted;
    wanted.input = folder;
    wanted.output = folder.parent_path() / "one.safetensors";
    auto const converted =
        checkpoint::convert_model(wanted, [](auto, auto) -> result<> { return {}; });
    REQUIRE_MESSAGE(converted, converted.error().to_string());
    for (auto const& file : {folder, wanted.output}) {
        CAPTURE(file.string());
        auto const source = checkpoint::open_model(file);
        REQUIRE_MESSAGE(source, source.error().to_string());
        new_model loaded(trace);
        auto const done = sample::load_part<float>(*source, choice, loaded.parameters());
        REQUIRE_MESSAGE(done, done.error().to_string());
        CHECK(loaded.values == saved.values);
    }
}

} // namespace

TEST_CASE("a text encoder is loaded from a folder and from a single file")
{
    haiga_test::temporary_folder folder;
    auto const config = small_text_config();
    auto const trace = [&](device::graph& g) {
        model::clip_text(model::scope(g), config, g.input(dtype::i32, {1, 5}));
    };
    new_model saved(trace);
    saved.start();
    saved.save(folder / "text_encoder", "model", model::write_clip_text_config(config));
    check_loading(saved, folder / "text_encoder", {.component = "text_encoder"}, trace);

    auto const source = checkpoint::open_model(folder / "text_encoder").value();
    auto const read = sample::part_config(source, "text_encoder");
    REQUIRE_MESSAGE(read, read.error().to_string());
    CHECK(model::read_clip_text_config(*read).value() == config);
    CHECK(!sample::part_config(source, "unet"));
}

TEST_CASE("an autoencoder is loaded from a folder and from a single file, whole or in part")
{
    haiga_test::temporary_folder folder;
    auto const config = small_vae_config();
    auto const trace = [&](device::graph& g) { trace_vae(g, config); };
    new_model saved(trace);
    saved.start();
    saved.save(folder / "vae", "diffusion_pytorch_model", model::write_autoencoder_config(config));
    check_loading(saved, folder / "vae", {.component = "vae"}, trace);

    auto const source = checkpoint::open_model(folder / "vae").value();
    auto const read = sample::part_config(source, "vae");
    REQUIRE_MESSAGE(read, read.error().to_string());
    CHECK(model::read_autoencoder_config(*read).value() == config);

    new_model decoder([&](device::graph& g) {
        model::decode_latents(model::scope(g, {}, "vae"), config,
                              g.input(dtype::f32, {1, 2, 2, 4}));
    });
    auto const wants_all = sample::load_part<float>(source, {.component = "vae", .prefix = "vae."},
                                                    decoder.parameters());
    REQUIRE(!wants_all);
    CHECK(wants_all.error().message.find("encoder.") != std::string::npos);
    CHECK(sample::load_part<float>(
        source, {.component = "vae", .prefix = "vae.", .without = {"encoder.", "quant_conv."}},
        decoder.parameters()));
}
