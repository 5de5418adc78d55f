#pragma once

#include "haiga/device/cpu_eigen.hpp"
#include "haiga/device/cpu_native.hpp"
#if defined(HAIGA_TEST_ONEDNN)
#include "haiga/device/cpu_onednn.hpp"
#define HAIGA_TEST_ONEDNN_TYPE , haiga::device::cpu_onednn
#else
#define HAIGA_TEST_ONEDNN_TYPE
#endif
#if defined(HAIGA_TEST_CUDA)
#include "haiga/device/cuda.hpp"
#define HAIGA_TEST_CUDA_TYPE , haiga::device::cuda
#else
#define HAIGA_TEST_CUDA_TYPE
#endif

/// Every backend that this program was built with, for doctest's TEST_CASE_TEMPLATE; and those
/// whose memory is the host's.
#if defined(HAIGA_TEST_ONE_HOST) // where threads are looked at: all hosts share them
#define HAIGA_TEST_HOSTS haiga::device::cpu_native
#else
#define HAIGA_TEST_HOSTS haiga::device::cpu_native, haiga::device::cpu_eigen HAIGA_TEST_ONEDNN_TYPE
#endif
#define HAIGA_TEST_BACKENDS HAIGA_TEST_HOSTS HAIGA_TEST_CUDA_TYPE

// Products of every form and type take half a minute to compile: tests/backends.cpp does, once.
namespace haiga::device {
#if !defined(HAIGA_TEST_COMPILE_PRODUCTS)
#define HAIGA_TEST_COMPILE_PRODUCTS extern
#endif
HAIGA_TEST_COMPILE_PRODUCTS template void multiply_on_host(cpu_native&, matrix_product const&);
HAIGA_TEST_COMPILE_PRODUCTS template void multiply_on_host(cpu_eigen&, matrix_product const&);
} // namespace haiga::device

namespace haiga::test {

template <class... Backends>
struct backend_list {
};
using all_backends = backend_list<HAIGA_TEST_BACKENDS>;

/// Three threads on every host: an odd number, and more than there may be cores.
inline constexpr parallelism three_threads{3};

/// A backend to test on; a failure says why this machine has none.
template <device::backend B>
auto open_backend(parallelism team = three_threads) -> result<B>
{
    if constexpr (device::host_backend<B>) {
        return B(team);
    } else {
        return B::open();
    }
}

} // namespace haiga::test
