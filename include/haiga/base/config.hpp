#pragma once
// The only macros of the library, and the only place that asks which compiler this is.

/// Stops on a caller's bug: throws haiga::contract_violation, naming the condition and the place.
#define HAIGA_CHECK(condition, ...)                                                                \
    (static_cast<bool>(condition)                                                                  \
         ? static_cast<void>(0)                                                                    \
         : ::haiga::contract_broken(#condition, __FILE__, __LINE__ __VA_OPT__(, ) __VA_ARGS__))

#define HAIGA_CONCAT_(a, b) a##b
#define HAIGA_CONCAT(a, b) HAIGA_CONCAT_(a, b)

/// HAIGA_TRY(auto x, expression): x is the value of a result; a failure is returned to the caller.
#define HAIGA_TRY(declaration, ...)                                                                \
    HAIGA_TRY_(HAIGA_CONCAT(haiga_try_, __LINE__), declaration, __VA_ARGS__)
#define HAIGA_TRY_(name, declaration, ...)                                                         \
    auto name = (__VA_ARGS__);                                                                     \
    if (!name) {                                                                                   \
        return ::tl::unexpected(std::move(name).error());                                          \
    }                                                                                              \
    declaration = *std::move(name)

/// HAIGA_TRY_VOID(expression): as HAIGA_TRY, for a result<void>.
#define HAIGA_TRY_VOID(...)                                                                        \
    do {                                                                                           \
        if (auto haiga_try_ = (__VA_ARGS__); !haiga_try_) {                                        \
            return ::tl::unexpected(std::move(haiga_try_).error());                                \
        }                                                                                          \
    } while (false)

#if defined(__GNUC__) || defined(__clang__)
#define HAIGA_ALWAYS_INLINE [[gnu::always_inline]] inline
#define HAIGA_INLINE_LAMBDA __attribute__((always_inline))
#define HAIGA_RESTRICT __restrict__
#else
#define HAIGA_ALWAYS_INLINE inline
#define HAIGA_INLINE_LAMBDA
#define HAIGA_RESTRICT
#endif

#if defined(__clang__)
#define HAIGA_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define HAIGA_UNROLL _Pragma("GCC unroll 32")
#else
#define HAIGA_UNROLL
#endif

/// The instruction set that the program is compiled for: 2 AVX-512, 1 AVX2, 0 less.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define HAIGA_COMPILED_ISA 2
#elif defined(__AVX2__) && defined(__FMA__)
#define HAIGA_COMPILED_ISA 1
#else
#define HAIGA_COMPILED_ISA 0
#endif

/// 1 where functions can be compiled for another instruction set than the rest of the program.
#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
#define HAIGA_X86_DISPATCH 1
/// Keeps a vector in a register: compilers would read it from memory again at every use.
#define HAIGA_IN_REGISTER(vector) asm("" : "+v"(vector))
#else
#define HAIGA_X86_DISPATCH 0
#define HAIGA_IN_REGISTER(vector) static_cast<void>(vector)
#endif
