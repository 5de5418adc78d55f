#include "tests/bench/train_step/make_step_program.hpp"

#if defined(HAIGA_TEST_ONEDNN)
#include "haiga/device/cpu_onednn.hpp"
#endif

auto haiga::bench::on_onednn([[maybe_unused]] device::graph const& g,
                             [[maybe_unused]] device::flat_buffers buffers,
                             [[maybe_unused]] parallelism team) -> result<step_program>
{
#if defined(HAIGA_TEST_ONEDNN)
    return make_step_program<device::cpu_onednn>(g, buffers, team);
#else
    return fail(errc::unsupported, "oneDNN was not found when this was built");
#endif
}
