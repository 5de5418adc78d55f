#pragma once

#include "haiga/device/cpu_native.hpp"
#include "haiga/nn/make_program.hpp"

// Every layer's kernels on the backend of the apps: native_program.cpp compiles them, once for all.
namespace haiga::nn {
#if !defined(HAIGA_COMPILE_NATIVE_PROGRAM)
extern
#endif
    template auto
    make_program(device::cpu_native&, device::graph const&, device::flat_buffers)
        -> result<device::program<device::cpu_native>>;
} // namespace haiga::nn
