// Stable Diffusion 1.5's UNet here and in PyTorch, in turns; its weights are drawn. Without
// bf16 in hardware PyTorch's is measured on a quarter of the picture: a whole one takes it minutes.
// What the environment may ask for: support/model_bench.hpp, support/only.hpp.

#include "tests/bench/support/model_bench.hpp"

#include "haiga/base/cpu.hpp"
#include "haiga/model/unet.hpp"
#include "haiga/model/unet_config_json.hpp"

namespace haiga::bench {
namespace {

auto unet_case(std::int64_t size, std::int64_t batch, bool backward, dtype storage, bool raced)
    -> traced_case
{
    model::unet_config config;
    config.cross_attention_dim = 768; // the rest are the defaults of Diffusers
    auto const trace = [=](model::scope const& at) {
        auto& g = at.traced();
        auto const sample = g.input(g.storage(), {batch, size, size, config.in_channels});
        auto const text = g.input(g.storage(), {batch, 77, config.cross_attention_dim.at(0)});
        return model::unet(at, config,
                           {.sample = sample,
                            .timesteps = g.input(dtype::f32, {batch}),
                            .encoder_hidden_states = text});
    };
    boost::json::object peer;
    if (raced) {
        peer = {{"config", model::write_unet_config(config)}, {"batch", batch}, {"size", size}};
    }
    return {.name = concat("SD 1.5 UNet, ", size, "x", size, ", batch ", batch),
            .storage = storage,
            .backward = backward,
            .peer = std::move(peer),
            .trace = trace};
}

} // namespace
} // namespace haiga::bench

auto main(int argc, char** argv) -> int
{
    using namespace haiga;
    bool const fast = machine_has_bf16();
    std::vector const cases{bench::unet_case(64, 2, false, dtype::f32, true),
                            bench::unet_case(64, 1, true, dtype::f32, true),
                            bench::unet_case(64, 2, false, dtype::bf16, fast),
                            bench::unet_case(64, 1, true, dtype::bf16, fast),
                            bench::unet_case(32, 1, false, dtype::bf16, true),
                            bench::unet_case(32, 1, true, dtype::bf16, true)};
    return bench::model_bench("unet", "tests/bench/unet.py")
        .main(cases, std::span(argv, static_cast<std::size_t>(argc)));
}
