#pragma once

#include "haiga/base/config.hpp"
#include "haiga/base/cpu.hpp"
#include "haiga/device/cpu/product.hpp"
#include "haiga/device/cpu/winograd_filter.hpp"

#include <cstddef>

#if HAIGA_X86_DISPATCH
#include <immintrin.h>
#endif

// The same tiles for each instruction set; what a program does not use is not compiled.

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion" // of subscripts into arrays of vectors
#pragma GCC diagnostic ignored "-Wpsabi" // vectors are passed between inlined functions only
#endif

namespace haiga::device::tiles_baseline {
inline constexpr int tile_lanes = 4;
#define HAIGA_TILE_TARGET
#include "haiga/device/cpu/partial_lanes.inl"
#include "haiga/device/cpu/tile.inl"
#include "haiga/device/cpu/winograd.inl"
#undef HAIGA_TILE_TARGET
} // namespace haiga::device::tiles_baseline

#if HAIGA_X86_DISPATCH
namespace haiga::device::tiles_avx2 {
inline constexpr int tile_lanes = 8;
#define HAIGA_TILE_TARGET [[gnu::target("avx2,fma")]]
#include "haiga/device/cpu/partial_lanes.inl"
#include "haiga/device/cpu/tile.inl"
#include "haiga/device/cpu/winograd.inl"
#undef HAIGA_TILE_TARGET
} // namespace haiga::device::tiles_avx2

namespace haiga::device::tiles_avx512 {
inline constexpr int tile_lanes = 16;
#define HAIGA_TILE_TARGET [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]]

HAIGA_TILE_TARGET inline auto mask_of(std::int64_t count) -> __mmask16
{
    return static_cast<__mmask16>((1U << static_cast<unsigned>(count)) - 1U);
}
HAIGA_TILE_TARGET inline auto load_some(float const* p, std::int64_t count) -> __m512
{
    return _mm512_maskz_loadu_ps(mask_of(count), p);
}
HAIGA_TILE_TARGET inline void store_some(float* p, std::int64_t count, __m512 x)
{
    _mm512_mask_storeu_ps(p, mask_of(count), x);
}

#include "haiga/device/cpu/tile.inl"
#include "haiga/device/cpu/winograd.inl"
#undef HAIGA_TILE_TARGET
} // namespace haiga::device::tiles_avx512
#endif

namespace haiga::device {

/// Calls f with the kernels of the best instruction set.
template <class F>
void with_kernels(F const& f)
{
#if HAIGA_X86_DISPATCH && HAIGA_COMPILED_ISA == 2
    f(tiles_avx512::kernels{});
#elif HAIGA_X86_DISPATCH && HAIGA_COMPILED_ISA == 1
    f(tiles_avx2::kernels{});
#else
#if HAIGA_X86_DISPATCH
    switch (machine_isa()) {
    case isa::avx512: return f(tiles_avx512::kernels{});
    case isa::avx2: return f(tiles_avx2::kernels{});
    case isa::baseline: break;
    }
#endif
    f(tiles_baseline::kernels{});
#endif
}

/// Products by our own register tiles.
struct tile_engine {
    static void multiply(form how, product<float> const& p)
    {
        with_kernels([&](auto k) { k.times(how, p); });
    }
};

} // namespace haiga::device

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
