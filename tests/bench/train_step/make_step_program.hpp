#pragma once

#include "tests/bench/support/stopwatch.hpp"
#include "tests/bench/train_step/step_program.hpp"

#include "haiga/nn/ops.hpp"

namespace haiga::bench {

template <device::host_backend B>
auto make_step_program(device::graph const& g, device::flat_buffers buffers, parallelism team)
    -> result<step_program>
{
    auto const on = std::make_shared<B>(team);
    HAIGA_TRY(auto program, device::program<B>::make(*on, g, buffers, nn::all_ops{}));
    auto const made = std::make_shared<device::program<B>>(std::move(program));
    auto const timed = [made] {
        std::vector<double> each;
        std::optional<stopwatch> watch;
        made->run([&](std::string_view) { watch.emplace(); },
                  [&] { each.push_back(watch->elapsed()); });
        return each;
    };
    return step_program{B::name, [on, made] { made->run(); }, timed,
                        [made](device::value v) { return made->view(v); }};
}

} // namespace haiga::bench
