// The memory that a plan tells before a run: Stable Diffusion 1.5's UNet, one picture at 64x64
// latents, forward and backward. Nothing is computed, and nobody is compared with.

#include "tests/bench/support/only.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/train_step/work.hpp"

#include <cmath>
#include <iostream>

namespace haiga::bench {
namespace {

auto stable_diffusion_work() -> work
{
    work w;
    w.name = "SD 1.5, 64x64, batch 1";
    w.size = 64;
    w.tokens = 77;
    w.unet.cross_attention_dim = 768; // the rest are the defaults of Diffusers
    return w;
}

auto mib(std::size_t bytes) -> double { return static_cast<double>(bytes) / (1 << 20); }

auto tell_plans() -> result<>
{
    report out("plan");
    auto w = stable_diffusion_work();
    std::size_t parameters = 0;
    for (auto const storage : {dtype::f32, dtype::bf16}) {
        for (bool const recompute : {false, true}) {
            w.storage = storage;
            w.recompute = recompute;
            auto const label = concat(w.name, storage == dtype::bf16 ? ", bf16" : ", f32",
                                      recompute ? ", recomputed blocks" : "");
            if (wanted(label)) {
                auto const p = device::plan(trace(w).graph);
                parameters = p.parameter_bytes;
                out.add({.name = label, .ours = mib(p.arena_bytes), .unit = "MiB"});
            }
        }
    }
    out.note(concat("activations and inputs, without the scratch of a backend; parameters take ",
                    std::lround(mib(parameters)),
                    " MiB more, and so do gradients and each moment"));
    return out.finish();
}

} // namespace
} // namespace haiga::bench

auto main() -> int
{
    auto const done = haiga::bench::tell_plans();
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
        return 1;
    }
    return 0;
}
