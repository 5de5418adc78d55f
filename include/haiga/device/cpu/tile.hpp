#pragma once

#include "haiga/base/config.hpp"
#include "haiga/base/cpu.hpp"
#include "haiga/device/cpu/product.hpp"

#include <cstddef>

// The same tiles for each instruction set; what a program does not use is not compiled.

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion" // of subscripts into arrays of vectors
#pragma GCC diagnostic ignored "-Wpsabi" // vectors are passed between inlined functions only
#endif

namespace haiga::device::tiles_baseline {
inline constexpr int tile_lanes = 4;
#define HAIGA_TILE_TARGET
#include "haiga/device/cpu/tile.inl"
#undef HAIGA_TILE_TARGET
} // namespace haiga::device::tiles_baseline

#if HAIGA_X86_DISPATCH
namespace haiga::device::tiles_avx2 {
inline constexpr int tile_lanes = 8;
#define HAIGA_TILE_TARGET [[gnu::target("avx2,fma")]]
#include "haiga/device/cpu/tile.inl"
#undef HAIGA_TILE_TARGET
} // namespace haiga::device::tiles_avx2

namespace haiga::device::tiles_avx512 {
inline constexpr int tile_lanes = 16;
#define HAIGA_TILE_TARGET [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]]
#include "haiga/device/cpu/tile.inl"
#undef HAIGA_TILE_TARGET
} // namespace haiga::device::tiles_avx512
#endif

namespace haiga::device {

/// Products by our own register tiles.
struct tile_engine {
    static void multiply(form how, product<float> const& p)
    {
#if HAIGA_X86_DISPATCH && HAIGA_COMPILED_ISA == 2
        tiles_avx512::multiply(how, p);
#elif HAIGA_X86_DISPATCH && HAIGA_COMPILED_ISA == 1
        tiles_avx2::multiply(how, p);
#else
#if HAIGA_X86_DISPATCH
        switch (machine_isa()) {
        case isa::avx512: return tiles_avx512::multiply(how, p);
        case isa::avx2: return tiles_avx2::multiply(how, p);
        case isa::baseline: break;
        }
#endif
        tiles_baseline::multiply(how, p);
#endif
    }
};

} // namespace haiga::device

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
