#include "haiga/checkpoint/lora/names.hpp"

#include "haiga/checkpoint/lora/tensor_name.hpp"
#include "tests/checkpoint/lora_support.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using checkpoint::lora_role;

namespace {

auto weight_of(std::string_view tensor) -> std::string
{
    static auto const names = haiga_test::small_names();
    auto const name = checkpoint::take_apart(tensor);
    if (!name) {
        return name.error().to_string();
    }
    auto const* const target = names.find(name->module);
    return concat(to_string(name->role), " of ", target == nullptr ? "nothing" : target->weight);
}

} // namespace

TEST_CASE("kohya's names: of Diffusers' modules, and of the original's")
{
    CHECK(weight_of("lora_unet_down_blocks_1_attentions_0_proj_in.lora_down.weight") ==
          "down of unet/down_blocks.1.attentions.0.proj_in.weight");
    CHECK(weight_of("lora_unet_input_blocks_4_1_proj_in.lora_up.weight") ==
          "up of unet/down_blocks.1.attentions.0.proj_in.weight");
    CHECK(weight_of("lora_unet_conv_in.lora_mid.weight") == "mid of unet/conv_in.weight");
    CHECK(weight_of("lora_unet_input_blocks_0_0.alpha") == "alpha of unet/conv_in.weight");
    CHECK(weight_of("lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight") ==
          "down of text_encoder/text_model.encoder.layers.0.mlp.fc1.weight");
    CHECK(weight_of("lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_down.weight") ==
          "down of text_encoder/text_model.encoder.layers.0.mlp.fc1.weight");
    CHECK(weight_of("lora_te2_text_model_encoder_layers_0_self_attn_out_proj.lora_down.weight") ==
          "down of text_encoder_2/text_model.encoder.layers.0.self_attn.out_proj.weight");
    CHECK(weight_of("lora_te2_text_projection.lora_up.weight") ==
          "up of text_encoder_2/text_projection.weight");
}

TEST_CASE("PEFT's names, in its own shell or in Diffusers' files")
{
    std::string const k = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k";
    for (auto const* const front :
         {"unet.", "base_model.model.unet.", "unet.base_model.model.", "base_model.model.", ""}) {
        CHECK(weight_of(front + k + ".lora_A.weight") == "down of unet/" + k + ".weight");
        CHECK(weight_of(front + k + ".lora_B.default.weight") == "up of unet/" + k + ".weight");
        CHECK(weight_of(front + k + ".lora.down.weight") == "down of unet/" + k + ".weight");
        CHECK(weight_of(front + k + ".alpha") == "alpha of unet/" + k + ".weight");
    }
    std::string const q = "encoder.layers.0.self_attn.q_proj";
    auto const expected = "up of text_encoder/text_model." + q + ".weight";
    CHECK(weight_of("text_encoder.text_model." + q + ".lora_B.weight") == expected);
    CHECK(weight_of("text_encoder." + q + ".lora_B.weight") == expected); // transformers 5
    CHECK(weight_of("text_encoder_2.text_projection.lora.up.weight") ==
          "up of text_encoder_2/text_projection.weight");
}

TEST_CASE("the names of old Diffusers, whose attention had LoRA layers of its own")
{
    std::string const block = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.";
    for (auto const* const front : {"unet.", ""}) {
        auto const attention = front + block + "processor.";
        CHECK(weight_of(attention + "to_k_lora.down.weight") ==
              "down of unet/" + block + "to_k.weight");
        CHECK(weight_of(attention + "to_out_lora.up.weight") ==
              "up of unet/" + block + "to_out.0.weight");
        CHECK(weight_of(attention + "to_k_lora.down.weight.alpha") ==
              "alpha of unet/" + block + "to_k.weight");
    }
    CHECK(weight_of("unet.conv_in.lora.down.weight") == "down of unet/conv_in.weight");
    std::string const text = "text_model.encoder.layers.0.self_attn.";
    CHECK(weight_of("text_encoder." + text + "q_proj.lora_linear_layer.up.weight") ==
          "up of text_encoder/" + text + "q_proj.weight");
    CHECK(weight_of("text_encoder." + text + "to_q_lora.up.weight") ==
          "up of text_encoder/" + text + "q_proj.weight");
    CHECK(weight_of("text_encoder_2." + text + "to_out_lora.down.weight") ==
          "down of text_encoder_2/" + text + "out_proj.weight");
}

TEST_CASE("other adapters are refused by what they are, and other names as no LoRA's")
{
    CHECK(weight_of("lora_unet_conv_in.hada_w1_a") ==
          "\"lora_unet_conv_in.hada_w1_a\": LoHa is not supported");
    CHECK(weight_of("lora_unet_conv_in.lokr_w1") ==
          "\"lora_unet_conv_in.lokr_w1\": LoKr is not supported");
    CHECK(weight_of("lora_unet_conv_in.dora_scale") ==
          "\"lora_unet_conv_in.dora_scale\": DoRA is not supported");
    CHECK(weight_of("unet.conv_in.lora_magnitude_vector.weight") ==
          "\"unet.conv_in.lora_magnitude_vector.weight\": DoRA is not supported");
    CHECK(weight_of("unet.conv_in.lora_B.bias") ==
          "\"unet.conv_in.lora_B.bias\": a LoRA with a bias is not supported");
    CHECK(weight_of("unet.conv_in.weight") ==
          "\"unet.conv_in.weight\" is not the name of a tensor of a LoRA");
    CHECK(weight_of("lora_unet_conv_out.lora_up.weight") == "up of nothing");
    CHECK(weight_of("lora_unet_down_blocks_1_attentions_0_norm.lora_up.weight") == "up of nothing");
    CHECK(weight_of("vae.decoder.conv_in.lora_A.weight") == "down of nothing");
}

TEST_CASE("a model in which one name would stand for two weights has no table")
{
    auto const names = checkpoint::lora_names::of(std::vector<checkpoint::key_row>{
        {"unet/a.b_c.weight", "x.weight", {2, 2}}, {"unet/a_b.c.weight", "y.weight", {2, 2}}});
    REQUIRE_FALSE(names);
    CHECK(names.error().to_string() == "\"lora_unet_a_b_c\" would stand for \"unet/a.b_c.weight\" "
                                       "and for \"unet/a_b.c.weight\"");
}

TEST_CASE("a weight that a model keeps in several blocks is one target")
{
    auto const names = checkpoint::lora_names::of(std::vector<checkpoint::key_row>{
        {"unet/a.weight", "x.weight", {2, 3}, checkpoint::relation::same, 0, 0},
        {"unet/a.weight", "y.weight", {5, 3}, checkpoint::relation::same, 2, 0}});
    REQUIRE(names);
    REQUIRE(names->targets().size() == 1);
    CHECK(names->targets()[0].dims == shape{7, 3});
}
