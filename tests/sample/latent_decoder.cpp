#include "haiga/sample/latent_decoder.hpp"

#include "apps/native_program.hpp"
#include "haiga/base/torch_generator.hpp"
#include "haiga/model/initialise.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using decoder = sample::latent_decoder<device::cpu_native>;

auto small_autoencoder() -> model::autoencoder_config
{
    model::autoencoder_config c;
    c.down_block_types = {"DownEncoderBlock2D", "DownEncoderBlock2D"};
    c.up_block_types = {"UpDecoderBlock2D", "UpDecoderBlock2D"};
    c.block_out_channels = {8, 16};
    c.norm_num_groups = 4;
    return c;
}

struct decoder_fixture {
    device::cpu_native b{{2}};
    model::autoencoder_config config = small_autoencoder();
    sample::decoder_graph traced{config, 1, 1}; // parameters are the same for all sizes
    aligned_vector<float> parameters = aligned_vector<float>(model::flat_size<float>(traced.graph));
    torch_generator generator{5};

    decoder_fixture()
    {
        model::initialise(model::flat_parameters<float>(traced.graph, parameters), generator);
    }

    auto normals(std::int64_t n) -> std::vector<float>
    {
        std::vector<float> values(static_cast<std::size_t>(n));
        generator.fill_normal(values);
        return values;
    }
};

} // namespace

TEST_CASE("latents that fit into one tile are decoded as at once")
{
    decoder_fixture f;
    sample::decoder_graph const whole(f.config, 12, 9);
    auto program = nn::make_program(f.b, whole.graph, {f.parameters.data(), nullptr}).value();
    auto const latents = f.normals(12 * 9 * 4);
    std::ranges::copy(latents, program.view(whole.latents).as<float>().flat().begin());
    program.run();
    auto const wanted = program.view(whole.picture).as<float>().flat();

    auto made = decoder::make(f.b, f.config, 12, 9, f.parameters, {.tile = 12, .overlap = 4});
    REQUIRE(made);
    std::vector<float> picture(24 * 18 * 3);
    REQUIRE(made->decode(latents, picture));
    CHECK(std::ranges::equal(picture, wanted));
}

TEST_CASE("memory for decoding does not grow with the picture")
{
    decoder_fixture f;
    sample::tile_options const tiles{.tile = 8, .overlap = 2};
    auto tile = decoder::make(f.b, f.config, 8, 8, f.parameters, tiles);
    auto large = decoder::make(f.b, f.config, 40, 56, f.parameters, tiles);
    REQUIRE(tile);
    REQUIRE(large);
    CHECK(large->arena_bytes() == tile->arena_bytes());
    auto const at_once = device::plan(sample::decoder_graph(f.config, 40, 56).graph).arena_bytes;
    CHECK(large->arena_bytes() * 30 < at_once); // 35 tiles' worth of pixels

    std::vector<float> picture(80 * 112 * 3, std::numeric_limits<float>::quiet_NaN());
    REQUIRE(large->decode(f.normals(40 * 56 * 4), picture));
    CHECK(std::ranges::all_of(picture, [](float x) { return std::isfinite(x); }));
}

TEST_CASE("Stable Diffusion's decoder needs so much memory")
{
    model::autoencoder_config c;
    c.down_block_types = std::vector<std::string>(4, "DownEncoderBlock2D");
    c.up_block_types = std::vector<std::string>(4, "UpDecoderBlock2D");
    c.block_out_channels = {128, 256, 512, 512};
    c.layers_per_block = 2;
    auto const bytes = [&](std::int64_t size) {
        return device::plan(sample::decoder_graph(c, size, size).graph).arena_bytes;
    };
    // two pictures of 256 channels at 512 x 512 are 512 MiB, and nothing needs more than three
    CHECK(bytes(64) >= std::size_t{512} << 20U);
    CHECK(bytes(64) <= std::size_t{800} << 20U);
    CHECK(bytes(128) >= std::size_t{2048} << 20U); // decoded at once
}
