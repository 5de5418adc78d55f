#pragma once

#include "haiga/base/cpu.hpp"
#include "haiga/base/half.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#if HAIGA_X86_DISPATCH && defined(__linux__)
#define HAIGA_AMX 1
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#define HAIGA_AMX_TARGET                                                                           \
    [[gnu::target("amx-tile,amx-bf16,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")]]
#else
#define HAIGA_AMX 0
#define HAIGA_AMX_TARGET
#endif

// Products of bf16 in AMX's tiles, with fp32 sums. Subnormal numbers count as zeros there.
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, vol. 1, chapter 18.

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi" // vectors are passed between inlined functions only
#endif

namespace haiga::device::amx {

inline constexpr std::int64_t tile_rows = 16;  ///< of C and of A
inline constexpr std::int64_t tile_depth = 32; ///< of A's rows: so much of the inner dimension
inline constexpr std::int64_t panel = 32;      ///< columns of B that are packed together: two tiles

constexpr auto round_up(std::int64_t n, std::int64_t multiple) -> std::int64_t
{
    return (n + multiple - 1) / multiple * multiple;
}

/// Whether this machine has such tiles and the kernel lets this process use them. Asked once.
inline auto available() -> bool
{
#if HAIGA_AMX
    static bool const granted = [] {
        unsigned a = 0;
        unsigned b = 0;
        unsigned c = 0;
        unsigned d = 0;
        constexpr unsigned bf16_and_tiles = (1U << 22U) | (1U << 24U);
        bool const has = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
                         (d & bf16_and_tiles) == bf16_and_tiles && machine_has_bf16();
        constexpr long request_permission = 0x1023; // ARCH_REQ_XCOMP_PERM
        constexpr long tile_data = 18;              // XFEATURE_XTILEDATA
        return has && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
    }();
    return granted;
#else
    return false;
#endif
}

#if HAIGA_AMX

/// While it lives, this thread's eight tiles are 16 rows of 64 bytes.
class tiles {
public:
    HAIGA_AMX_TARGET tiles() { _tile_loadconfig(&all); }
    HAIGA_AMX_TARGET ~tiles() { _tile_release(); }
    tiles(tiles const&) = delete;
    auto operator=(tiles const&) -> tiles& = delete;

private:
    struct alignas(64) configuration {
        std::uint8_t palette = 1, start = 0, reserved[14] = {};
        std::uint16_t bytes_a_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
        std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    };
    static configuration const all; // static: GCC 12 takes the instruction to read 8 bytes of it
};
inline constexpr tiles::configuration tiles::all{};

/// C = or += A B, on one thread.
///
/// Shapes: A [m, k] with rows lda apart, B [k, n] packed by pack() or by pack_transposed(), C [m,
/// n]
///         with rows ldc apart; m, n and k whole tiles.
struct block {
    std::int64_t m = 0, n = 0, k = 0;
    bf16 const* a = nullptr;
    std::int64_t lda = 0;
    bf16 const* b = nullptr;
    float* c = nullptr;
    std::int64_t ldc = 0;
    bool accumulate = false;
};

namespace detail {

/// Two tiles of C side by side, or four.
template <bool Four>
HAIGA_AMX_TARGET inline void strip(bf16 const* a, std::int64_t lda, bf16 const* b, std::int64_t k,
                                   float* c, std::int64_t ldc, bool accumulate)
{
    auto const a_bytes = static_cast<std::size_t>(lda) * sizeof(bf16);
    auto const c_bytes = static_cast<std::size_t>(ldc) * sizeof(float);
    auto* const below = c + tile_rows * ldc;
    if (accumulate) {
        _tile_loadd(0, c, c_bytes);
        _tile_loadd(1, c + 16, c_bytes);
        if constexpr (Four) {
            _tile_loadd(2, below, c_bytes);
            _tile_loadd(3, below + 16, c_bytes);
        }
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (std::int64_t i = 0; i < k; i += tile_depth, b += tile_depth * panel) {
        _tile_loadd(4, a + i, a_bytes);
        _tile_loadd(6, b, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, b + tile_depth * panel / 2, 64);
        _tile_dpbf16ps(1, 4, 7);
        if constexpr (Four) {
            _tile_loadd(5, a + i + tile_rows * lda, a_bytes);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
    }
    _tile_stored(0, c, c_bytes);
    _tile_stored(1, c + 16, c_bytes);
    if constexpr (Four) {
        _tile_stored(2, below, c_bytes);
        _tile_stored(3, below + 16, c_bytes);
    }
}

} // namespace detail

/// Needs a living `tiles` of this thread.
inline void multiply(block const& p)
{
    std::int64_t row = 0;
    for (; row + 2 * tile_rows <= p.m; row += 2 * tile_rows) {
        for (std::int64_t column = 0; column < p.n; column += panel) {
            detail::strip<true>(p.a + row * p.lda, p.lda, p.b + column * p.k, p.k,
                                p.c + row * p.ldc + column, p.ldc, p.accumulate);
        }
    }
    for (std::int64_t column = 0; row < p.m && column < p.n; column += panel) {
        detail::strip<false>(p.a + row * p.lda, p.lda, p.b + column * p.k, p.k,
                             p.c + row * p.ldc + column, p.ldc, p.accumulate);
    }
}

#endif

} // namespace haiga::device::amx

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
