#include "tests/bench/support/native_program.hpp"
#include "tests/bench/train_step/make_step_program.hpp"

auto haiga::bench::on_native(device::graph const& g, device::flat_buffers buffers, parallelism team)
    -> result<step_program>
{
    return native_program(g, buffers, team);
}
