// Stable Diffusion's autoencoder here and in PyTorch, in turns: pictures of latents, and latents'
// moments of pictures; its weights are drawn.
// What the environment may ask for: support/model_bench.hpp, support/only.hpp.

#include "tests/bench/support/model_bench.hpp"

#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/model/autoencoder_kl.hpp"

namespace haiga::bench {
namespace {

auto stable_diffusion() -> model::autoencoder_config
{
    model::autoencoder_config c;
    c.block_out_channels = {128, 256, 512, 512};
    c.down_block_types.assign(c.levels(), "DownEncoderBlock2D");
    c.up_block_types.assign(c.levels(), "UpDecoderBlock2D");
    c.layers_per_block = 2;
    return c;
}

/// side: of the picture, in pixels.
auto vae_case(bool decodes, std::int64_t side, bool backward, dtype storage) -> traced_case
{
    auto const config = stable_diffusion();
    auto const trace = [=](model::scope const& at) {
        auto& g = at.traced();
        auto const latent = side / config.scale();
        return decodes ? model::decode_latents(
                             at, config,
                             g.input(g.storage(), {1, latent, latent, config.latent_channels}))
                       : model::encode_moments(
                             at, config, g.input(g.storage(), {1, side, side, config.in_channels}));
    };
    return {.name = concat("VAE, ", decodes ? "decode " : "encode ", side, " px"),
            .storage = storage,
            .backward = backward,
            .peer = {{"config", model::write_autoencoder_config(config)},
                     {"decodes", decodes},
                     {"side", side}},
            .trace = trace};
}

} // namespace
} // namespace haiga::bench

auto main(int argc, char** argv) -> int
{
    using namespace haiga;
    std::vector const cases{bench::vae_case(true, 512, false, dtype::f32),
                            bench::vae_case(false, 512, false, dtype::f32),
                            bench::vae_case(false, 256, true, dtype::f32),
                            bench::vae_case(true, 256, true, dtype::f32),
                            bench::vae_case(true, 128, false, dtype::bf16),
                            bench::vae_case(false, 128, false, dtype::bf16)};
    return bench::model_bench("vae", "tests/bench/vae.py")
        .main(cases, std::span(argv, static_cast<std::size_t>(argc)));
}
