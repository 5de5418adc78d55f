#pragma once

#include "haiga/base/config.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace haiga {

/// The instruction sets that hot loops are compiled for, worst first.
enum class isa : std::uint8_t { baseline, avx2, avx512 };

constexpr auto to_string(isa set) -> std::string_view
{
    constexpr std::string_view names[] = {"baseline", "avx2", "avx512"};
    return names[static_cast<std::size_t>(set)];
}

/// The best instruction set of this machine. Asked once.
inline auto machine_isa() -> isa
{
#if HAIGA_X86_DISPATCH
    static isa const best = [] {
        __builtin_cpu_init();
        bool const fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        bool const wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
        return fma && wide ? isa::avx512 : fma ? isa::avx2 : isa::baseline;
    }();
    return best;
#else
    return isa::baseline;
#endif
}

/// Whether this machine multiplies bfloat16 in hardware (AVX-512 BF16 or AMX).
inline auto machine_has_bf16() -> bool
{
#if HAIGA_X86_DISPATCH
    __builtin_cpu_init();
    return machine_isa() == isa::avx512 && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

#if HAIGA_X86_DISPATCH
namespace detail {

template <class Body>
[[gnu::target("avx2,fma")]] void run_avx2(Body const& body)
{
    body();
}

template <class Body>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]] void run_avx512(Body const& body)
{
    body();
}

} // namespace detail
#endif

/// The instruction set that hot loops run with: the one that the program is compiled for, where
/// that was chosen (AVX2 or more), else the best of this machine.
inline auto loop_isa() -> isa
{
    return HAIGA_COMPILED_ISA > 0 ? static_cast<isa>(HAIGA_COMPILED_ISA) : machine_isa();
}

/// Calls body(), compiled for loop_isa().
///
/// body must be a lambda marked HAIGA_INLINE_LAMBDA: inlined here, its loops are vectorised for
/// that set (-O3 is needed). A program compiled for AVX2 or more has one copy of every loop.
template <class Body>
void vectorised(Body const& body)
{
#if HAIGA_X86_DISPATCH && HAIGA_COMPILED_ISA == 0
    switch (machine_isa()) {
    case isa::avx512: return detail::run_avx512(body);
    case isa::avx2: return detail::run_avx2(body);
    case isa::baseline: break;
    }
#endif
    body();
}

/// Has memory come nearer that is read soon. A hint.
inline void prefetch(void const* at)
{
#if HAIGA_X86_DISPATCH
    __builtin_prefetch(at);
#else
    static_cast<void>(at);
#endif
}

} // namespace haiga
