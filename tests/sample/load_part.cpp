#include "haiga/sample/load_part.hpp"

#include "haiga/base/torch_generator.hpp"
#include "haiga/checkpoint/convert.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/model/autoencoder_kl.hpp"
#include "haiga/model/clip_text.hpp"
#include "haiga/model/clip_text_config_json.hpp"
#include "haiga/model/initialise.hpp"
#include "haiga/model/unet.hpp"
#include "haiga/model/unet_config_json.hpp"
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

void convert(std::filesystem::path const& from, std::filesystem::path const& to,
             std::vector<checkpoint::lora_choice> loras = {}, std::optional<dtype> type = {})
{
    checkpoint::conversion wanted;
    wanted.input = from;
    wanted.output = to;
    wanted.loras = std::move(loras);
    wanted.values.type = type;
    auto const converted =
        checkpoint::convert_model(wanted, [](auto, auto) -> result<> { return {}; });
    REQUIRE_MESSAGE(converted, converted.error().to_string());
}

template <class Trace>
auto loaded(std::filesystem::path const& model, sample::part_choice const& choice,
            Trace const& trace, std::vector<checkpoint::lora_choice> const& loras = {})
    -> aligned_vector<float>
{
    CAPTURE(model.string());
    auto const source = checkpoint::open_model(model);
    REQUIRE_MESSAGE(source, source.error().to_string());
    new_model part(trace);
    auto const done = sample::load_part<float>(*source, choice, part.parameters(), loras);
    REQUIRE_MESSAGE(done, done.error().to_string());
    auto const alone = sample::load_part(*source, choice, part.g, loras);
    REQUIRE_MESSAGE(alone, alone.error().to_string());
    CHECK(std::ranges::equal(*alone, part.values));
    return part.values;
}

/// Has one part loaded from a folder and from the single files that it is converted to.
template <class Trace>
void check_loading(new_model& saved, std::filesystem::path const& folder,
                   sample::part_choice const& choice, Trace const& trace)
{
    auto const beside = folder.parent_path();
    CHECK(loaded(folder, choice, trace) == saved.values);
    for (auto const* const name : {"one.safetensors", "one.ckpt"}) {
        convert(folder, beside / name);
        CHECK(loaded(beside / name, choice, trace) == saved.values);
    }
    convert(folder, beside / "half.safetensors", {}, dtype::f16);
    auto rounded = saved.values;
    for (auto& value : rounded) {
        value = static_cast<float>(f16(value));
    }
    CHECK(loaded(beside / "half.safetensors", choice, trace) == rounded);
}

/// What somebody is told who asks for a part of this model.
template <class Trace>
auto refusal(std::filesystem::path const& model, sample::part_choice const& choice,
             Trace const& trace, std::vector<checkpoint::lora_choice> const& loras = {})
    -> std::string
{
    auto const source = checkpoint::open_model(model);
    REQUIRE_MESSAGE(source, source.error().to_string());
    new_model part(trace);
    auto const done = sample::load_part<float>(*source, choice, part.parameters(), loras);
    REQUIRE(!done);
    return done.error().to_string();
}

auto small_unet_config() -> model::unet_config
{
    model::unet_config c;
    c.block_out_channels = {8, 16};
    c.down_block_types = {"CrossAttnDownBlock2D", "DownBlock2D"};
    c.up_block_types = {"UpBlock2D", "CrossAttnUpBlock2D"};
    c.cross_attention_dim = 768; // which tells the family
    c.attention_head_dim = 4;
    c.norm_num_groups = 4;
    return c;
}

void trace_unet(device::graph& g)
{
    auto const noisy = g.input(dtype::f32, {1, 4, 4, 4});
    auto const text = g.input(dtype::f32, {1, 3, 768});
    model::unet(
        model::scope(g), small_unet_config(),
        {.sample = noisy, .timesteps = g.input(dtype::f32, {1}), .encoder_hidden_states = text});
}

void trace_text(device::graph& g)
{
    model::clip_text(model::scope(g), small_text_config(), g.input(dtype::i32, {1, 5}));
}

/// A LoRA of rank 3, in kohya's names, for a convolution and for linear layers of a UNet and of its
/// text encoder.
void save_lora(std::filesystem::path const& file, std::uint64_t seed)
{
    struct pair {
        std::string module;
        shape down, up;
    };
    std::string const block = "lora_unet_down_blocks_0_";
    std::string const layer = "lora_te_text_model_encoder_layers_1_";
    std::vector<pair> const pairs = {
        {block + "attentions_0_transformer_blocks_0_attn2_to_k", {3, 768}, {8, 3}},
        {block + "attentions_1_proj_in", {3, 8, 1, 1}, {8, 3, 1, 1}},
        {block + "resnets_0_conv1", {3, 8, 3, 3}, {8, 3, 1, 1}},
        {layer + "self_attn_q_proj", {3, 64}, {64, 3}},
        {layer + "mlp_fc1", {3, 64}, {24, 3}}};
    torch_generator generator(seed);
    std::list<tensor<float>> values;
    std::vector<checkpoint::named_tensor> tensors;
    auto const add = [&](std::string name, shape const& dims) {
        auto& made = values.emplace_back(dims);
        generator.fill_normal(made.flat());
        tensors.push_back({std::move(name), tensor_view<float const>(made.view())});
    };
    for (auto const& [module, down, up] : pairs) {
        add(module + ".lora_down.weight", down);
        add(module + ".lora_up.weight", up);
    }
    REQUIRE(io::publish_file(file, [&](io::byte_sink auto& sink) {
        return checkpoint::write_safetensors(sink, tensors);
    }));
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

TEST_CASE("LoRAs are added to what is loaded as they are to what is converted, bit for bit")
{
    haiga_test::temporary_folder folder;
    new_model unet(trace_unet);
    unet.start();
    unet.save(folder / "model/unet", "diffusion_pytorch_model",
              model::write_unet_config(small_unet_config()));
    new_model text(trace_text);
    text.start();
    text.save(folder / "model/text_encoder", "model",
              model::write_clip_text_config(small_text_config()));
    save_lora(folder / "a.safetensors", 1);
    save_lora(folder / "b.safetensors", 2);
    std::vector<checkpoint::lora_choice> const loras = {{folder / "a.safetensors", 0.75},
                                                        {folder / "b.safetensors", -0.5}};
    convert(folder / "model", folder / "merged", loras);
    convert(folder / "model", folder / "one.safetensors");
    sample::part_choice const of_unet{.component = "unet"};
    sample::part_choice const of_text{.component = "text_encoder"};
    for (auto const* const form : {"model", "one.safetensors"}) {
        CHECK(loaded(folder / form, of_unet, trace_unet) == unet.values);
        auto const with = loaded(folder / form, of_unet, trace_unet, loras);
        CHECK(with != unet.values);
        CHECK(with == loaded(folder / "merged", of_unet, trace_unet));
        auto const text_with = loaded(folder / form, of_text, trace_text, loras);
        CHECK(text_with != text.values);
        CHECK(text_with == loaded(folder / "merged", of_text, trace_text));
    }
    CHECK(loaded(folder / "model", of_unet, trace_unet, {{folder / "a.safetensors", 0}}) ==
          unet.values);
    auto const missing = refusal(folder / "model", of_unet, trace_unet, {{folder / "none", 1}});
    CHECK(missing.find((folder / "none").string()) != missing.npos);
}

TEST_CASE("what cannot be loaded is refused by the names of its file and its tensor")
{
    haiga_test::temporary_folder folder;
    auto const config = small_vae_config();
    auto const trace = [&](device::graph& g) { trace_vae(g, config); };
    sample::part_choice const whole{.component = "vae"};
    new_model vae(trace);
    vae.start();
    auto const save = [&](new_model& m) {
        m.save(folder / "vae", "diffusion_pytorch_model", model::write_autoencoder_config(config));
    };
    std::string const file = (folder / "vae/diffusion_pytorch_model.safetensors").string();
    save(vae);
    SUBCASE("a part that is not there")
    {
        auto const said = refusal(folder / "vae", {.component = "unet"}, trace_unet);
        CHECK(said.find((folder / "vae").string() + ": has no unet, only vae") != said.npos);
        auto const source = checkpoint::open_model(folder / "vae").value();
        auto const read = sample::part_config(source, "text_encoder");
        REQUIRE(!read);
        CHECK(read.error().message.find("has no text_encoder, only vae") != std::string::npos);
    }
    SUBCASE("NaN and infinity")
    {
        auto const all = vae.parameters();
        for (auto const bad :
             {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
            all.stored(3)[1] = bad; // a norm's weight, which has its layout
            save(vae);
            auto const said = refusal(folder / "vae", whole, trace);
            auto const wanted = concat(file, ": \"", all.info(3).name, "\" is ",
                                       std::isnan(bad) ? "NaN" : "infinite", " in its element 1");
            CHECK_MESSAGE(said.find(wanted) != said.npos, said);
        }
    }
    SUBCASE("a graph of other shapes")
    {
        auto wider = config;
        wider.block_out_channels = {8, 24};
        auto const said =
            refusal(folder / "vae", whole, [&](device::graph& g) { trace_vae(g, wider); });
        CHECK_MESSAGE(said.find(file + ": \"") != said.npos, said);
        CHECK_MESSAGE(said.find("should be [") != said.npos, said);
    }
    SUBCASE("a graph of more numbers than the file has")
    {
        auto const source = checkpoint::open_model(folder / "vae").value();
        auto wider = config;
        wider.block_out_channels = {8000, 16000};
        device::graph g;
        trace_vae(g, wider);
        auto const done = sample::load_part(source, whole, g);
        REQUIRE(!done);
        CHECK(done.error().code == errc::mismatch);
        CHECK(done.error().message.find("vae's configuration says") != std::string::npos);
    }
}
