#pragma once

#include "haiga/device/cpu/elementwise.hpp"

#include <algorithm>

namespace haiga::device {

/// Sums `width` running totals over `count` things in an order that does not depend on threads.
///
/// body(first, last, totals) adds things [first, last) to totals[0, width), which start at zero;
/// pieces of `a_piece` things are summed apart, then in order into out (plus what out held, when
/// asked for). Cost: shared scratch of width * pieces elements.
template <host B, class T, class Body>
void sum_in_pieces(B& b, std::int64_t count, std::int64_t a_piece, std::int64_t width, T* out,
                   bool accumulate, Body const& body)
{
    auto const pieces = std::max<std::int64_t>(1, (count + a_piece - 1) / a_piece);
    auto* const partial =
        static_cast<T*>(b.shared_scratch(static_cast<std::size_t>(pieces * width) * sizeof(T)));
    parallel_for(b.team(), pieces, [&](std::ptrdiff_t i, int) {
        std::fill_n(partial + i * width, width, T{});
        body(i * a_piece, std::min(count, (i + 1) * a_piece), partial + i * width);
    });
    if (!accumulate) {
        std::fill_n(out, width, T{});
    }
    for (std::int64_t i = 0; i < pieces; ++i) {
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t c = 0; c < width; ++c) {
                out[c] += partial[i * width + c];
            }
        });
    }
}

/// out[c] = the sum of column c of x: the gradient of a bias.
/// Shapes: x [..., columns], out [columns] in x's compute type.
template <host B>
void sum_rows(B& b, any_view x, any_view out)
{
    with_type(x.type(), [&]<class T>(T) {
        auto const columns = x.shape()[-1];
        auto const* const from = static_cast<T const*>(x.data());
        sum_in_pieces(b, x.elements() / columns, 512, columns,
                      static_cast<compute_t<T>*>(out.data()), false,
                      [&](std::int64_t first, std::int64_t last, compute_t<T>* totals) {
                          vectorised([&]() HAIGA_INLINE_LAMBDA {
                              for (auto r = first; r < last; ++r) {
                                  for (std::int64_t c = 0; c < columns; ++c) {
                                      totals[c] += load(from[r * columns + c]);
                                  }
                              }
                          });
                      });
    });
}

} // namespace haiga::device
