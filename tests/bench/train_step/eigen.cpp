#include "tests/bench/train_step/make_step_program.hpp"

#include "haiga/device/cpu_eigen.hpp"

auto haiga::bench::on_eigen(device::graph const& g, device::flat_buffers buffers, parallelism team)
    -> result<step_program>
{
    return make_step_program<device::cpu_eigen>(g, buffers, team);
}
