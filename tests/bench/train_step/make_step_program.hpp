#pragma once

#include "tests/bench/support/step_program.hpp"

#include "haiga/nn/ops.hpp"

namespace haiga::bench {

using program_maker = result<step_program>(device::graph const&, device::flat_buffers, parallelism);
program_maker on_native, on_eigen, on_onednn; ///< unsupported where a backend was not built

template <device::host_backend B>
auto make_step_program(device::graph const& g, device::flat_buffers buffers, parallelism team)
    -> result<step_program>
{
    auto const on = std::make_shared<B>(team);
    HAIGA_TRY(auto program, device::program<B>::make(*on, g, buffers, nn::all_ops{}));
    return wrap(on, std::move(program));
}

} // namespace haiga::bench
