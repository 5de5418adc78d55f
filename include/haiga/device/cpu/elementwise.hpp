#pragma once

#include "haiga/base/cpu.hpp"
#include "haiga/device/backend.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace haiga::device {

/// What a stored element is computed in.
template <class T>
using compute_t = std::conditional_t<std::is_same_v<T, double>, double, float>;

template <class T>
HAIGA_ALWAYS_INLINE auto load(T const& x) -> compute_t<T>
{
    return static_cast<compute_t<T>>(x);
}

template <class T>
HAIGA_ALWAYS_INLINE void store(T& to, compute_t<T> x)
{
    if constexpr (std::is_same_v<T, bf16>) {
        // bf16(float) without the branch for NaN's payload, so that loops vectorise
        auto const word = std::bit_cast<std::uint32_t>(x);
        auto const rounded = (word + 0x7fffU + ((word >> 16U) & 1U)) >> 16U;
        auto const quiet = (word >> 16U) | 0x40U;
        to = bf16::from_bits(
            static_cast<std::uint16_t>((word & 0x7fff'ffffU) > 0x7f80'0000U ? quiet : rounded));
    } else {
        to = static_cast<T>(x);
    }
}

/// Calls f with a value of the element type that a view holds: f32, bf16 or f64.
template <class F>
decltype(auto) with_type(dtype type, F const& f)
{
    switch (type) {
    case dtype::f32: return f(float{});
    case dtype::bf16: return f(bf16{});
    case dtype::f64: return f(double{});
    default: break;
    }
    contract_broken("activations are f32, bf16 or f64", __FILE__, __LINE__, to_string(type));
}

/// Elements are worked on in pieces of this many, whatever the number of threads.
inline constexpr std::int64_t piece = 1 << 14;

/// body(first, last) over all of [0, elements), in pieces, on all threads.
template <host B, class Body>
void for_each_piece(B& b, std::int64_t elements, Body const& body)
{
    parallel_for(b.team(), (elements + piece - 1) / piece, [&](std::ptrdiff_t i, int) {
        body(i * piece, std::min(elements, (i + 1) * piece));
    });
}

/// out[i] = f(in[i]...), computed in fp32 (f64 for f64).
///
/// Shapes: all the same number of elements. An only input may be of another storage type than the
/// output, but f64 does not meet what is computed in fp32: that is a caller's bug.
/// f is a lambda marked HAIGA_INLINE_LAMBDA that can be vectorised.
template <host B, class F>
void for_each_element(B& b, F const& f, any_view out, any_view in)
{
    with_type(out.type(), [&]<class O>(O) {
        with_type(in.type(), [&]<class I>(I) {
            if constexpr (std::is_same_v<compute_t<O>, compute_t<I>>) {
                auto* const to = static_cast<O*>(out.data());
                auto const* const from = static_cast<I const*>(in.data());
                for_each_piece(b, out.elements(), [&](std::int64_t first, std::int64_t last) {
                    vectorised([&]() HAIGA_INLINE_LAMBDA {
                        for (auto i = first; i < last; ++i) {
                            store(to[i], f(load(from[i])));
                        }
                    });
                });
            } else {
                HAIGA_CHECK(false, "elements of ", to_string(in.type()), " for ",
                            to_string(out.type()));
            }
        });
    });
}

template <host B, class F>
void for_each_element(B& b, F const& f, any_view out, any_view left, any_view right)
{
    HAIGA_CHECK(left.type() == out.type() && right.type() == out.type());
    with_type(out.type(), [&]<class T>(T) {
        auto* const to = static_cast<T*>(out.data());
        auto const* const x = static_cast<T const*>(left.data());
        auto const* const y = static_cast<T const*>(right.data());
        for_each_piece(b, out.elements(), [&](std::int64_t first, std::int64_t last) {
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (auto i = first; i < last; ++i) {
                    store(to[i], f(load(x[i]), load(y[i])));
                }
            });
        });
    });
}

} // namespace haiga::device
