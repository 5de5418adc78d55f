#pragma once

#include "haiga/device/cpu/basic_cpu.hpp"
#include "haiga/device/cpu/eigen_engine.hpp"

namespace haiga::device {

/// The host, multiplying with Eigen: the model that needs least. Vector instructions beyond the
/// compiler's flags are not used, so programs are best compiled for the machine they run on.
using cpu_eigen = basic_cpu<eigen_engine>;
static_assert(host_backend<cpu_eigen>);

} // namespace haiga::device
