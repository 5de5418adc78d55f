#pragma once

#include "haiga/device/program.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace haiga::bench {

/// A program on some backend, whichever, so that each backend compiles apart.
struct step_program {
    std::string_view backend;
    std::function<void()> run;
    std::function<std::vector<double>()> run_timed; ///< milliseconds, by op in their order
    std::function<any_view(device::value)> view;
};

using program_maker = result<step_program>(device::graph const&, device::flat_buffers, parallelism);
program_maker on_native, on_eigen, on_onednn; ///< unsupported where a backend was not built

} // namespace haiga::bench
