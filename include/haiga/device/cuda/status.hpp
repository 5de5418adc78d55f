#pragma once

#include "haiga/base/result.hpp"
#include "haiga/device/cuda/abi.h"

#include <string>

namespace haiga::device {

/// A status of the kernels as a failure: "cuda: what: why".
/// Errors: not_found without a GPU or driver, out_of_memory, unsupported; io for the rest.
inline auto cuda_failure(int status, std::string_view what) -> failure
{
    auto const code = [&] {
        switch (status) {
        case HAIGA_CUDA_OUT_OF_MEMORY: return errc::out_of_memory;
        case HAIGA_CUDA_NO_DRIVER:
        case HAIGA_CUDA_NO_DEVICE: return errc::not_found;
        case HAIGA_CUDA_UNSUPPORTED:
        case HAIGA_CUDA_NO_ALGORITHM: return errc::unsupported;
        case HAIGA_CUDA_INVALID: return errc::mismatch;
        default: return errc::io;
        }
    }();
    return {code, concat("cuda: ", what, ": ", haiga_cuda_message(status)), {}};
}

inline auto cuda_checked(int status, std::string_view what) -> result<>
{
    if (status != HAIGA_CUDA_SUCCESS) {
        return tl::unexpected(cuda_failure(status, what));
    }
    return {};
}

/// One line about a GPU, for a person; the failure says what is missing. Starts nothing on it.
inline auto describe_cuda(int device = 0) -> result<std::string>
{
    haiga_cuda_device d{};
    HAIGA_TRY_VOID(cuda_checked(haiga_cuda_describe(device, &d), "no GPU to use"));
    return concat(d.name, ", ", d.bytes >> 20, " MiB, compute capability ", d.compute_major, '.',
                  d.compute_minor, ", ", d.multiprocessors, " multiprocessors, driver for CUDA ",
                  d.driver / 1000, '.', d.driver % 1000 / 10, ", built with ", d.runtime / 1000,
                  '.', d.runtime % 1000 / 10);
}

} // namespace haiga::device
