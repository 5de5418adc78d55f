// CLIP ViT-L/14's text encoder, Stable Diffusion 1.5's, here and in PyTorch, in turns; its weights
// are drawn.
// What the environment may ask for: support/model_bench.hpp, support/only.hpp.

#include "tests/bench/support/model_bench.hpp"

#include "haiga/model/clip_text.hpp"
#include "haiga/model/clip_text_config_json.hpp"

namespace haiga::bench {
namespace {

auto clip_case(bool backward, dtype storage) -> traced_case
{
    constexpr std::int64_t batch = 2;
    model::clip_text_config config;
    config.hidden_size = 768;
    config.intermediate_size = 3072;
    config.num_attention_heads = 12;
    config.num_hidden_layers = 12;
    auto const trace = [=](model::scope const& at) {
        auto const ids = at.traced().input(dtype::i32, {batch, config.max_position_embeddings});
        return model::clip_text(at, config, ids).last_hidden_state;
    };
    return {.name = concat("CLIP ViT-L/14, batch ", batch, " of 77 tokens"),
            .storage = storage,
            .backward = backward,
            .peer = {{"config", model::write_clip_text_config(config)}, {"batch", batch}},
            .trace = trace};
}

} // namespace
} // namespace haiga::bench

auto main(int argc, char** argv) -> int
{
    using namespace haiga;
    std::vector<bench::traced_case> cases;
    for (auto const storage : {dtype::f32, dtype::bf16}) {
        cases.push_back(bench::clip_case(false, storage));
        cases.push_back(bench::clip_case(true, storage));
    }
    return bench::model_bench("text-encoder", "tests/bench/text_encoder.py")
        .main(cases, std::span(argv, static_cast<std::size_t>(argc)));
}
