#include "haiga/model/unet_config_json.hpp"

#include "tests/model/unet_configs.hpp"

using namespace haiga;

TEST_CASE("published configurations are read, every key of them")
{
    auto const sd15 = test::read_config(test::sd_1_5);
    CHECK(sd15.cross_attention_dim == 768);
    CHECK(sd15.attention_head_dim.at(3) == 8);
    CHECK(sd15.sample_size == 64);
    CHECK(sd15.time_width() == 1280);
    CHECK_FALSE(sd15.use_linear_projection);
    auto const sd21 = test::read_config(test::sd_2_1);
    CHECK(sd21.attention_head_dim.at(1) == 10);
    CHECK(sd21.use_linear_projection);
    auto const sdxl = test::read_config(test::sdxl_base);
    CHECK(sdxl.levels() == 3);
    CHECK(sdxl.transformer_layers_per_block.at(2) == 10);
    CHECK(sdxl.projection_class_embeddings_input_dim == 2816);
}

TEST_CASE("what is missing has Diffusers' default")
{
    CHECK(test::read_config("{}") == model::unet_config{});
}

TEST_CASE("a configuration is read back as it was written")
{
    for (auto const text : {test::sd_1_5, test::sd_2_1, test::sdxl_base, test::toy_xl,
                            std::string_view(R"({"mid_block_type": null})")}) {
        auto const config = test::read_config(text);
        auto const again = model::read_unet_config(model::write_unet_config(config));
        REQUIRE(again.has_value());
        CHECK(*again == config);
    }
}

TEST_CASE("settings that change nothing, and notes of Diffusers, are passed over")
{
    test::read_config(R"({"_name_or_path": "x", "dropout": 0.0, "mid_block_scale_factor": 1.0,
                          "upcast_attention": true, "act_fn": "swish", "decay": 0.9999})");
}

TEST_CASE("what is refused is named, with what may stand there and what was found")
{
    auto const refusal = [](std::string_view text) {
        auto const config = model::read_unet_config(json::parse(text).value());
        REQUIRE_FALSE(config.has_value());
        return config.error().message;
    };
    CHECK(refusal("[]") == "expected an object");
    CHECK(refusal(R"({"in_channels": "four"})") ==
          R"("in_channels": expected a whole number in range; found "four")");
    CHECK(refusal(R"({"norm_num_groups": null})") ==
          R"("norm_num_groups": expected a whole number in range; found null)");
    CHECK(refusal(R"({"transformer_layers_per_block": [[1, 2], 1, 1, 1]})") ==
          R"("transformer_layers_per_block": item 0: expected a whole number in range; )"
          R"(found [[1,2],1,1,1])");
    CHECK(refusal(R"({"act_fn": "gelu"})") == R"("act_fn" may be "silu"; found "gelu")");
    CHECK(refusal(R"({"resnet_time_scale_shift": "scale_shift"})") ==
          R"("resnet_time_scale_shift" may be "default"; found "scale_shift")");
    CHECK(refusal(R"({"num_attention_heads": 8})") ==
          R"("num_attention_heads" may be null; found 8)");
    CHECK(refusal(R"({"_class_name": "UNet2DModel"})") ==
          R"("_class_name" may be "UNet2DConditionModel"; found "UNet2DModel")");
    CHECK(refusal(R"({"in_chanels": 4})") ==
          R"("in_chanels" is not a key of UNet2DConditionModel)");
}

TEST_CASE("a value of many bytes is repeated in part, on one line")
{
    auto const refusal = [](std::string const& text) {
        auto const config = model::read_unet_config(json::parse(text).value());
        REQUIRE_FALSE(config.has_value());
        return config.error().to_string();
    };
    auto const list = "[" + std::string(50'000, ' ') + "1" + [] {
        std::string more;
        for (int i = 0; i < 10'000; ++i) {
            more += ",1";
        }
        return more;
    }() + "]";
    auto const word = '"' + std::string(10'000, 'x') + '"';
    for (auto const& text : {R"({"in_channels": )" + list + "}", R"({"act_fn": )" + list + "}",
                             R"({"mid_block_type": )" + word + "}", "{" + word + ": 1}"}) {
        CHECK(refusal(text).size() < 250);
        CHECK(refusal(text).find(" ... ") != std::string::npos);
    }
    CHECK(refusal(R"({"mid_block_type": "a\nb"})").ends_with(R"(; found a\nb)"));
}

TEST_CASE("layers are counted before they are traced")
{
    auto const told = [](std::string_view text) {
        auto const config = model::read_unet_config(json::parse(text).value());
        return config ? "fine" : config.error().to_string();
    };
    constexpr auto end = " layers, at most 1024";
    CHECK(told(R"({"layers_per_block": 1000000})").ends_with(concat(16'000'008, end)));
    CHECK(told(R"({"transformer_layers_per_block": 1000000})").ends_with(concat(20'000'020, end)));
    CHECK(told(R"({"layers_per_block": 1048576, "transformer_layers_per_block": 1048576})")
              .ends_with(end));
    CHECK(told(R"({"layers_per_block": 63})") == "fine"); // 4 * 127 * 2 = 1016
    CHECK(told(R"({"layers_per_block": 64})").ends_with(concat(1032, end)));
}

TEST_CASE("settings that do not go together are refused")
{
    auto const code = [](std::string_view text) {
        auto const config = model::read_unet_config(json::parse(text).value());
        REQUIRE_FALSE(config.has_value());
        return config.error().code;
    };
    CHECK(code(R"({"attention_head_dim": [5, 10]})") == errc::mismatch);
    CHECK(code(R"({"block_out_channels": [320, 640]})") == errc::mismatch);
    CHECK(code(R"({"block_out_channels": []})") == errc::mismatch);
    CHECK(code(R"({"attention_head_dim": []})") == errc::mismatch);
    CHECK(code(R"({"norm_num_groups": 24})") == errc::mismatch);
    CHECK(code(R"({"attention_head_dim": 7})") == errc::mismatch);
    CHECK(code(R"({"mid_block_type": "UNetMidBlock2DSimpleCrossAttn"})") == errc::unsupported);
    CHECK(code(R"({"addition_embed_type": "image"})") == errc::unsupported);
    CHECK(code(R"({"addition_embed_type": "text_time"})") == errc::not_found);
    CHECK(code(R"({"class_embed_type": "projection"})") == errc::not_found);
    CHECK(code(R"({"conv_in_kernel": 4})") == errc::unsupported);
    CHECK(code(R"({"in_channels": 0})") == errc::invalid);
    CHECK(code(R"({"layers_per_block": -1})") == errc::invalid);
    CHECK(code(R"({"in_channels": 4611686018427387904})") == errc::invalid);
}
