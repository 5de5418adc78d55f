#pragma once

#include "haiga/base/half.hpp"
#include "haiga/device/cuda/abi.h"
#include "haiga/device/cuda/lane.hpp"
#include "haiga/device/cuda/row_grid.hpp"

#include <cuda_runtime.h>

#include <cstdint>

namespace haiga::kernel {

inline auto stream_of(void* stream) -> cudaStream_t { return static_cast<cudaStream_t>(stream); }

/// Whether a launch was accepted; what happens on the device is told by haiga_cuda_synchronize.
inline auto launched() -> int { return cudaGetLastError(); }

template <class... Pointers>
auto aligned(std::uintptr_t bytes, Pointers const*... pointers) -> bool
{
    return ((reinterpret_cast<std::uintptr_t>(pointers) % bytes == 0) && ...);
}

/// Elements of one 16-byte access.
inline auto widest(haiga_dtype type) -> std::int64_t { return type == HAIGA_F32 ? 4 : 8; }

/// Calls f<T, V>() for the element type and the vector that columns and pointers allow.
template <class F, class... Pointers>
auto with_lane(haiga_dtype type, std::int64_t columns, F const& f, Pointers const*... pointers)
    -> int
{
    bool const fits = columns % widest(type) == 0 && aligned(16, pointers...);
    switch (type) {
    case HAIGA_F32:
        return fits ? f.template operator()<float, 4>() : f.template operator()<float, 1>();
    case HAIGA_BF16:
        return fits ? f.template operator()<bf16, 8>() : f.template operator()<bf16, 1>();
    }
    return HAIGA_CUDA_UNSUPPORTED;
}

/// Runs a program that keeps every thread to itself.
template <class Program, class Arrays>
__global__ void each(__grid_constant__ row_grid const g, __grid_constant__ Arrays const a)
{
    auto const p = place_of(g, blockIdx.x, threadIdx.x);
    if (p.column < g.columns) {
        Program{a, g, p}.run();
    }
}

/// Runs a program that adds up rows: each thread its own, then slot 0 those of all slots, in order.
template <class Program, class Arrays>
__global__ void reduce(__grid_constant__ row_grid const g, __grid_constant__ Arrays const a)
{
    using number = typename Program::number;
    constexpr int width = Program::width;
    extern __shared__ double memory[];
    auto* const shared = reinterpret_cast<number*>(memory);
    auto const p = place_of(g, blockIdx.x, threadIdx.x);
    Program const program{a, g, p};
    bool const active = p.column < g.columns;
    totals<number, width> mine;
    if (active) {
        mine = program.sum();
    }
    for (int i = 0; i < width; ++i) {
        shared[i * blockDim.x + threadIdx.x] = mine.at[i];
    }
    __syncthreads();
    if (!active || p.slot != 0) {
        return;
    }
    for (auto t = threadIdx.x + g.lanes; t < blockDim.x; t += g.lanes) {
        for (int i = 0; i < width; ++i) {
            mine.at[i] += shared[i * blockDim.x + t];
        }
    }
    program.finish(mine);
}

inline constexpr std::int64_t most_blocks = 0x7fff'ffff;

template <class Program, class Arrays>
auto launch_each(row_grid const& g, Arrays const& a, void* stream) -> int
{
    if (g.blocks() > most_blocks) {
        return HAIGA_CUDA_INVALID;
    }
    auto const blocks = static_cast<unsigned>(g.blocks());
    auto const threads = static_cast<unsigned>(g.threads());
    each<Program><<<blocks, threads, 0, stream_of(stream)>>>(g, a);
    return launched();
}

template <class Program, class Arrays>
auto launch_reduce(row_grid const& g, Arrays const& a, void* stream) -> int
{
    if (g.blocks() > most_blocks) {
        return HAIGA_CUDA_INVALID;
    }
    auto const blocks = static_cast<unsigned>(g.blocks());
    auto const threads = static_cast<unsigned>(g.threads());
    auto const bytes = threads * Program::width * sizeof(typename Program::number);
    reduce<Program><<<blocks, threads, bytes, stream_of(stream)>>>(g, a);
    return launched();
}

} // namespace haiga::kernel

/// Hands a status on unless it is success: for extern "C" functions, which cannot throw.
#define HAIGA_CUDA_TRY(...)                                                                        \
    if (int const haiga_status = static_cast<int>(__VA_ARGS__); haiga_status != 0) {               \
        return haiga_status;                                                                       \
    }
