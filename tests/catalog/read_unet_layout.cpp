#include "haiga/catalog/read_unet_layout.hpp"

#include "tests/catalog/texts.hpp"
#include "tests/model/unet_configs.hpp"

using namespace haiga;
using namespace haiga::catalog;

namespace {

auto read(std::string_view text) -> result<unet_layout>
{
    return read_unet_layout(json::parse(text).value());
}

auto told(std::string_view text) -> std::string { return test::refusal(read(text)); }

} // namespace

TEST_CASE("published files have the layouts of the base models")
{
    CHECK(read(test::sd_1_5).value() == test::unet_of("sd-1.5"));
    CHECK(read(test::sd_2_1).value() == test::unet_of("sd-2.1"));
    CHECK(read(test::sdxl_base).value() == test::unet_of("sdxl"));
}

TEST_CASE("what is missing has Diffusers' default")
{
    unet_layout expected;
    expected.context = 1280;
    CHECK(read("{}").value() == expected);
    CHECK(read(R"({"new_key": 1, "time_embedding_dim": null})").value() == expected);
}

TEST_CASE("the first key that is not as it must be is named")
{
    CHECK(told("[]") == "expected an object");
    CHECK(told(R"({"_class_name": "UNet2DModel"})") ==
          R"("_class_name" may be "UNet2DConditionModel"; found "UNet2DModel")");
    CHECK(told(R"({"time_cond_proj_dim": 256})") ==
          R"("time_cond_proj_dim" may be null; found 256)");
    CHECK(told(R"({"in_channels": "four"})") ==
          R"("in_channels": expected a whole number in range)");
    CHECK(told(R"({"block_out_channels": []})") == R"("block_out_channels" is empty)");
    CHECK(told(R"({"block_out_channels": [320, 640]})") ==
          R"("down_block_types" has 4 items for 2 levels)");
    CHECK(told(R"({"block_out_channels": [320, 0, 1280, 1280]})") ==
          R"("block_out_channels": 0, expected 1 to 1048576)");
    CHECK(told(R"({"down_block_types": ["AttnDownBlock2D"]})") ==
          R"("down_block_types" may be CrossAttnDownBlock2D or DownBlock2D; found )"
          R"("AttnDownBlock2D")");
    CHECK(told(R"({"block_out_channels": [32], "down_block_types": ["DownBlock2D"],
                   "up_block_types": ["CrossAttnUpBlock2D"]})") ==
          R"("up_block_types" does not mirror "down_block_types")");
    CHECK(told(R"({"layers_per_block": [1, 2, 2, 2]})") ==
          R"("layers_per_block" may be one number; found [1,2,2,2])");
    CHECK(told(R"({"transformer_layers_per_block": [1, 2]})") ==
          R"("transformer_layers_per_block" has 2 items for 4 levels)");
    CHECK(told(R"({"transformer_layers_per_block": [[1, 2], 1, 1, 1]})") ==
          R"("transformer_layers_per_block": item 0: expected a whole number in range)");
    CHECK(told(R"({"cross_attention_dim": [768, 768]})") ==
          R"("cross_attention_dim": expected a whole number in range)");
    CHECK(
        told(R"({"mid_block_type": "UNetMidBlock2DSimpleCrossAttn"})") ==
        R"("mid_block_type" may be UNetMidBlock2DCrossAttn; found "UNetMidBlock2DSimpleCrossAttn")");
    CHECK(told(R"({"addition_embed_type": "text_time"})") ==
          R"("projection_class_embeddings_input_dim" is missing)");
}

TEST_CASE("blocks are counted before they are listed")
{
    CHECK(told(R"({"layers_per_block": 1000000})") == "a UNet of 14000008 blocks, at most 4096");
    CHECK(told(R"({"layers_per_block": 1048576, "transformer_layers_per_block": 1048576})")
              .ends_with("blocks, at most 4096"));
    CHECK(told(R"({"layers_per_block": 1048577})") ==
          R"("layers_per_block": 1048577, expected 1 to 1048576)");
}
