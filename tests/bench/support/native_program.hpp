#pragma once

#include "apps/native_program.hpp"
#include "tests/bench/support/step_program.hpp"

namespace haiga::bench {

/// On the backend of the apps, with the kernels that are compiled for them.
inline auto native_program(device::graph const& g, device::flat_buffers buffers, parallelism team)
    -> result<step_program>
{
    auto const on = std::make_shared<device::cpu_native>(team);
    HAIGA_TRY(auto program, nn::make_program(*on, g, buffers));
    return wrap(on, std::move(program));
}

} // namespace haiga::bench
