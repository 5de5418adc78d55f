#include "haiga/checkpoint/lora/read.hpp"

#include "haiga/checkpoint/lora/family.hpp"
#include "tests/checkpoint/lora_support.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using haiga_test::lora_file;

namespace {

std::string const to_k = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k";
std::string const to_k_weight =
    "unet/down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight";

auto told(lora_file const& file, checkpoint::metadata_map const& metadata = {}) -> std::string
{
    auto const l = file.read(haiga_test::small_names(), metadata);
    return l ? "accepted" : l.error().to_string();
}

auto alpha_of(std::string const& settings) -> std::string
{
    lora_file file;
    file.pair(to_k + ".lora_A.weight", {2, 5}, to_k + ".lora_B.weight", {6, 2});
    auto const l = file.read(haiga_test::small_names(),
                             {{"lora_adapter_metadata", settings}, {"format", "pt"}});
    if (!l) {
        return l.error().to_string();
    }
    CHECK(l->metadata == checkpoint::metadata_map{{"format", "pt"}});
    return concat(l->adapters[0].alpha);
}

} // namespace

TEST_CASE("the tensors of a file become adapters, by the names of their weights")
{
    lora_file file;
    file.pair(to_k + ".lora_A.weight", {2, 5}, to_k + ".lora_B.weight", {6, 2})
        .pair("unet.conv_in.lora_A.weight", {3, 4, 3, 3}, "unet.conv_in.lora_B.weight",
              {6, 3, 1, 1})
        .add(to_k + ".alpha", 1.5F);
    auto const l = file.read(haiga_test::small_names());
    REQUIRE(l);
    CHECK(checkpoint::targets(*l) == std::vector<checkpoint::lora_module>{
                                         {"unet/conv_in.weight", 3, 3}, {to_k_weight, 2, 1.5}});
    REQUIRE(l->find(to_k_weight) != nullptr);
    CHECK(l->find(to_k_weight)->down.bytes.data() == file.tensors()[0].bytes.data());
    CHECK(l->find(to_k_weight)->up.name == to_k + ".lora_B.weight");
    CHECK(l->find("unet/conv_in.bias") == nullptr);
}

TEST_CASE("alpha is a number of any type; none means the rank")
{
    auto const alpha = [](dtype type, auto value) {
        lora_file file;
        file.pair(to_k + ".lora_A.weight", {2, 5}, to_k + ".lora_B.weight", {6, 2});
        file.tensors().push_back(
            {to_k + ".alpha", type, {}, {}, std::as_bytes(std::span(&value, 1))});
        auto const l = file.read(haiga_test::small_names());
        REQUIRE(l);
        return l->adapters[0].alpha;
    };
    CHECK(alpha(dtype::f16, f16(0.5F)) == 0.5);
    CHECK(alpha(dtype::bf16, bf16(0.5F)) == 0.5);
    CHECK(alpha(dtype::f64, 0.1) == 0.1);
    CHECK(alpha(dtype::i64, std::int64_t{16}) == 16);
}

TEST_CASE("alphas that diffusers keeps in the metadata")
{
    CHECK(alpha_of(R"({"unet.r": 2, "unet.lora_alpha": 6})") == "6");
    CHECK(alpha_of(R"({"unet.r": 2})") == "8"); // LoraConfig's own
    CHECK(alpha_of(R"({"text_encoder.lora_alpha": 6})") == "2");
    CHECK(
        alpha_of(R"({"unet.lora_alpha": 6, "unet.alpha_pattern": {"to_q": 1, "attn2.to_k": 3}})") ==
        "3");
    CHECK(alpha_of(R"({"unet.lora_alpha": 6, "unet.alpha_pattern": {"^attn2.to_k": 3, "k": 1}})") ==
          "6");
    CHECK(alpha_of(R"({"unet.lora_alpha": 6, "unet.use_rslora": true})") ==
          concat(6 * std::sqrt(2.0)));
    CHECK(alpha_of(R"({"unet.lora_alpha": 6, "unet.alpha_pattern": {"to_[qk]": 1}})") ==
          "lora_adapter_metadata: \"to_[qk]\": a pattern that is not a name");
    CHECK(alpha_of(R"({"unet.r": 2, "unet.use_dora": true})") ==
          "lora_adapter_metadata: \"unet.use_dora\": DoRA is not supported");
    CHECK(alpha_of("[]") == "lora_adapter_metadata: expected an object");
    CHECK(alpha_of("{").starts_with("lora_adapter_metadata: JSON: "));
}

TEST_CASE("a matrix may be written as a 1x1 convolution, and a 1x1 convolution as a matrix")
{
    lora_file file;
    file.pair(to_k + ".lora_A.weight", {2, 5, 1, 1}, to_k + ".lora_B.weight", {6, 2, 1, 1})
        .pair("lora_unet_input_blocks_4_1_proj_in.lora_down.weight", {2, 6},
              "lora_unet_input_blocks_4_1_proj_in.lora_up.weight", {6, 2});
    CHECK(told(file) == "accepted");
}

TEST_CASE("a wrong shape is refused with what was expected and what was found")
{
    auto const shapes = [](shape const& down, shape const& up,
                           std::optional<shape> const& mid = {}) {
        lora_file file;
        file.pair("lora_unet_conv_in.lora_down.weight", down, "lora_unet_conv_in.lora_up.weight",
                  up);
        if (mid) {
            file.add("lora_unet_conv_in.lora_mid.weight", *mid);
        }
        return told(file);
    };
    CHECK(shapes({2, 4, 3, 3}, {6, 2}) == "accepted");
    CHECK(shapes({2, 4}, {6, 2}, shape{2, 2, 3, 3}) == "accepted");
    CHECK(shapes({2, 5, 3, 3}, {6, 2}) ==
          "\"lora_unet_conv_in.lora_down.weight\": expected [2, 4, 3, 3], found [2, 5, 3, 3]");
    CHECK(shapes({2, 4}, {6, 2}) ==
          "\"lora_unet_conv_in.lora_down.weight\": expected [2, 4, 3, 3], found [2, 4]");
    CHECK(shapes({2, 4, 3, 3}, {6, 3, 1, 1}) ==
          "\"lora_unet_conv_in.lora_up.weight\": expected [6, 2], found [6, 3, 1, 1]");
    CHECK(shapes({2, 4, 3, 3}, {7, 2}) ==
          "\"lora_unet_conv_in.lora_up.weight\": expected [6, 2], found [7, 2]");
    CHECK(shapes({2, 4}, {6, 2}, shape{2, 3, 3, 3}) ==
          "\"lora_unet_conv_in.lora_mid.weight\": expected [2, 2, 3, 3], found [2, 3, 3, 3]");
    CHECK(shapes({0, 4, 3, 3}, {6, 0}) ==
          "\"lora_unet_conv_in.lora_down.weight\": expected [rank, 4], found [0, 4, 3, 3]");
    CHECK(shapes({}, {6, 2}) ==
          "\"lora_unet_conv_in.lora_down.weight\": expected [rank, 4], found []");
}

TEST_CASE("every tensor has a place of its own, and no adapter is half there")
{
    auto const half = [](std::string const& name) { return told(lora_file().add(name, {2, 5})); };
    CHECK(half(to_k + ".lora_A.weight") ==
          '"' + to_k + ".lora_A.weight\" has no up matrix beside it");
    CHECK(half(to_k + ".lora_B.weight") ==
          '"' + to_k + ".lora_B.weight\" has no down matrix beside it");
    CHECK(told(lora_file().add(to_k + ".alpha", 1)) ==
          '"' + to_k + ".alpha\" has no down matrix beside it");
    CHECK(half("unet.conv_out.lora_A.weight") ==
          "\"unet.conv_out.lora_A.weight\": the model has no such module");
    CHECK(half("conv_in") == "\"conv_in\" is not the name of a tensor of a LoRA");
    CHECK(told(lora_file()) == "no tensors");
    CHECK(told(lora_file()
                   .pair(to_k + ".lora_A.weight", {2, 5}, to_k + ".lora_B.weight", {6, 2})
                   .add(to_k + ".lora.up.weight", {6, 2})) ==
          '"' + to_k + ".lora_B.weight\" and \"" + to_k +
              ".lora.up.weight\": two up tensors for \"" + to_k_weight + '"');
}

TEST_CASE("what cannot be computed with, or would take more memory than its file, is refused")
{
    auto const spoilt = [](auto const& spoil) {
        lora_file file;
        file.pair(to_k + ".lora_A.weight", {2, 5}, to_k + ".lora_B.weight", {6, 2})
            .add(to_k + ".alpha", 1);
        spoil(file.tensors());
        return told(file);
    };
    CHECK(spoilt([](auto& tensors) { tensors[0].type = dtype::i32; }) ==
          '"' + to_k + ".lora_A.weight\": expected F64, F32, F16 or BF16, found I32");
    CHECK(spoilt([](auto& tensors) {
              tensors[0].dims = {std::int64_t{1} << 40, 5};
              tensors[0].steps = {0, 1};
              tensors[0].bytes = tensors[0].bytes.first(20);
          }) == '"' + to_k + ".lora_A.weight\": elements of [1099511627776, 5] share their bytes");
    CHECK(spoilt([](auto& tensors) { tensors[2].dims = {2}; }) ==
          '"' + to_k + ".alpha\": expected one element, found [2]");
    static float const nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(spoilt([](auto& tensors) { tensors[2].bytes = std::as_bytes(std::span(&nan, 1)); }) ==
          '"' + to_k + ".alpha\" is not finite");
}

TEST_CASE("the family of a LoRA")
{
    auto const family = [](std::initializer_list<std::pair<char const*, std::int64_t>> downs) {
        lora_file file;
        for (auto const& [name, in] : downs) {
            file.add(name, {2, in});
        }
        auto const found = checkpoint::lora_family(file.tensors());
        return found ? std::string(to_string(*found)) : found.error().to_string();
    };
    auto const* const kohya =
        "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight";
    auto const* const peft =
        "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_v.lora_A.weight";
    auto const* const query =
        "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight";
    CHECK(family({{kohya, 768}}) == "Stable Diffusion 1");
    CHECK(family({{peft, 1024}, {kohya, 1024}}) == "Stable Diffusion 2");
    CHECK(family({{"unet.conv_in.lora_A.weight", 4}, {peft, 2048}}) == "SDXL");
    CHECK(family({{query, 768}}) == "Stable Diffusion 1");
    CHECK(family({{query, 1024}}) == "Stable Diffusion 2");
    CHECK(family({{"lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", 768}}) ==
          "SDXL");
    CHECK(family({{"text_encoder_2.text_projection.lora_A.weight", 1280}}) == "SDXL");
    CHECK(family({{kohya, 768}, {peft, 2048}}) ==
          '"' + std::string(peft) +
              "\": 2048 channels of text are not those of Stable Diffusion 1");
    CHECK(family({{kohya, 77}}) ==
          '"' + std::string(kohya) + "\": 77 channels of text are not those of any known model");
    CHECK(
        family({{"unet.conv_in.lora_A.weight", 4}}) ==
        "a LoRA that touches neither cross attention nor the attention of a text encoder: nothing "
        "tells its model");
    CHECK(family({{"x", 4}}) == "\"x\" is not the name of a tensor of a LoRA");
}
