#include "haiga/checkpoint/lora/rename.hpp"

#include "tests/checkpoint/lora_support.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using catalog::family;
using haiga_test::lora_file;

namespace {

std::string const block = "down_blocks.1.attentions.0.";
std::string const to_k_of_block = block + "transformer_blocks.0.attn2.to_k";
std::string const query = "text_model.encoder.layers.0.self_attn.q_proj";
std::string const to_out = "text_model.encoder.layers.0.self_attn.out_proj";

/// One adapter of each component, all of rank 2.
auto small_file() -> lora_file
{
    lora_file file;
    file.pair("unet." + to_k_of_block + ".lora_A.weight", {2, 5},
              "unet." + to_k_of_block + ".lora_B.weight", {6, 2})
        .pair("unet." + block + "proj_in.lora_A.weight", {2, 6},
              "unet." + block + "proj_in.lora_B.weight", {6, 2})
        .pair("text_encoder." + query + ".lora_A.weight", {2, 5},
              "text_encoder." + query + ".lora_B.weight", {5, 2})
        .pair("text_encoder_2." + to_out + ".lora_A.weight", {2, 7},
              "text_encoder_2." + to_out + ".lora_B.weight", {7, 2});
    return file;
}

auto names_of(checkpoint::renamed_lora const& l) -> std::vector<std::string>
{
    std::vector<std::string> names;
    std::ranges::transform(l.tensors, std::back_inserter(names), &checkpoint::stored_tensor::name);
    return names;
}

/// Name of its weight, alpha, and the bytes of both matrices, of each adapter.
auto told(checkpoint::lora const& l)
{
    std::vector<std::tuple<std::string, double, std::byte const*, std::byte const*>> all;
    for (auto const& a : l.adapters) {
        all.emplace_back(a.target.weight, a.alpha, a.down.bytes.data(), a.up.bytes.data());
    }
    return all;
}

} // namespace

TEST_CASE("kohya's names of an SDXL LoRA are the original's, of others Diffusers'")
{
    auto const file = small_file();
    auto const l = file.read(haiga_test::small_names());
    REQUIRE(l);
    auto const has = [&](family f, std::string const& module) {
        auto const renamed = checkpoint::lora_for_kohya(*l, f);
        auto const names = names_of(renamed);
        auto const with = [&](char const* end) {
            return std::ranges::find(names, module + end) != names.end();
        };
        return with(".lora_down.weight") && with(".lora_up.weight") && with(".alpha");
    };
    CHECK(has(family::sdxl, "lora_unet_input_blocks_4_1_proj_in"));
    CHECK(has(family::sdxl, "lora_te1_text_model_encoder_layers_0_self_attn_q_proj"));
    CHECK(has(family::sdxl, "lora_te2_text_model_encoder_layers_0_self_attn_out_proj"));
    CHECK(has(family::sd1, "lora_unet_down_blocks_1_attentions_0_proj_in"));
    CHECK(has(family::sd2, "lora_te_text_model_encoder_layers_0_self_attn_q_proj"));
}

TEST_CASE("a LoRA comes back from kohya's names with every alpha and the same data")
{
    auto file = small_file();
    file.add("unet." + to_k_of_block + ".alpha", 0.1F);
    auto const names = haiga_test::small_names();
    auto const l = file.read(names, {{"ss_tag", "x"}, {"sshs_model_hash", "0"}});
    REQUIRE(l);
    for (auto const f : {family::sd1, family::sdxl}) {
        auto const there = checkpoint::lora_for_kohya(*l, f);
        CHECK(there.metadata == checkpoint::metadata_map{{"ss_tag", "x"}}); // hashed otherwise now
        auto const back = checkpoint::read_lora(there.tensors, there.metadata, names);
        REQUIRE(back);
        CHECK(told(*back) == told(*l));
    }
}

TEST_CASE("a LoRA comes back from Diffusers' names with every alpha and the same data")
{
    auto file = small_file();
    auto const names = haiga_test::small_names();
    auto const check = [&] {
        auto const l = file.read(names);
        REQUIRE(l);
        auto const there = checkpoint::lora_for_diffusers(*l);
        REQUIRE(there);
        auto const back = checkpoint::read_lora(there->tensors, there->metadata, names);
        REQUIRE(back);
        CHECK(told(*back) == told(*l));
        return there->metadata;
    };
    CHECK(check() == checkpoint::metadata_map{{"format", "pt"}}); // diffusers takes the rank then
    file.add("unet." + to_k_of_block + ".alpha", 0.1F);
    auto const metadata = check();
    CHECK(metadata.at("lora_adapter_metadata") == R"({
  "text_encoder.alpha_pattern": {},
  "text_encoder.lora_alpha": 2.0,
  "text_encoder.r": 2,
  "text_encoder.rank_pattern": {},
  "text_encoder.target_modules": ["encoder.layers.0.self_attn.q_proj"],
  "text_encoder_2.alpha_pattern": {},
  "text_encoder_2.lora_alpha": 2.0,
  "text_encoder_2.r": 2,
  "text_encoder_2.rank_pattern": {},
  "text_encoder_2.target_modules": ["encoder.layers.0.self_attn.out_proj"],
  "unet.alpha_pattern": {
    "down_blocks.1.attentions.0.proj_in": 2.0
  },
  "unet.lora_alpha": 0.10000000149011612,
  "unet.r": 2,
  "unet.rank_pattern": {},
  "unet.target_modules": ["down_blocks.1.attentions.0.proj_in", "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"]
}
)");
}

TEST_CASE("Diffusers' names: PEFT's for the UNet, its training scripts' for text encoders")
{
    auto const file = small_file();
    auto const l = file.read(haiga_test::small_names());
    REQUIRE(l);
    auto const there = checkpoint::lora_for_diffusers(*l);
    REQUIRE(there);
    CHECK(names_of(*there) ==
          std::vector<std::string>{"text_encoder." + query + ".lora_linear_layer.down.weight",
                                   "text_encoder." + query + ".lora_linear_layer.up.weight",
                                   "text_encoder_2." + to_out + ".lora_linear_layer.down.weight",
                                   "text_encoder_2." + to_out + ".lora_linear_layer.up.weight",
                                   "unet." + block + "proj_in.lora_A.weight",
                                   "unet." + block + "proj_in.lora_B.weight",
                                   "unet." + to_k_of_block + ".lora_A.weight",
                                   "unet." + to_k_of_block + ".lora_B.weight"});
}

TEST_CASE("matrices get as many axes as the weight they belong to")
{
    auto const file = small_file();
    auto const l = file.read(haiga_test::small_names());
    REQUIRE(l);
    auto const there = checkpoint::lora_for_diffusers(*l);
    REQUIRE(there);
    auto const dims = [&](std::string const& name) {
        return std::ranges::find(there->tensors, name, &checkpoint::stored_tensor::name)->dims;
    };
    CHECK(dims("unet." + block + "proj_in.lora_A.weight") == shape{2, 6, 1, 1});
    CHECK(dims("unet." + to_k_of_block + ".lora_A.weight") == shape{2, 5});
    CHECK(std::ranges::all_of(there->tensors, &checkpoint::stored_tensor::is_dense));
}

TEST_CASE("what Diffusers has no place for is refused; kohya's names have one")
{
    lora_file file;
    file.pair("lora_unet_conv_in.lora_down.weight", {2, 4}, "lora_unet_conv_in.lora_up.weight",
              {6, 2})
        .add("lora_unet_conv_in.lora_mid.weight", {2, 2, 3, 3});
    auto const l = file.read(haiga_test::small_names());
    REQUIRE(l);
    auto const there = checkpoint::lora_for_diffusers(*l);
    REQUIRE_FALSE(there);
    CHECK(there.error().to_string() ==
          "\"lora_unet_conv_in.lora_mid.weight\": Diffusers has no place for it");
    CHECK(names_of(checkpoint::lora_for_kohya(*l, family::sd1)).size() == 4);
}
