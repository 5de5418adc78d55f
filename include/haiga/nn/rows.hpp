#pragma once

#include "haiga/device/cpu/elementwise.hpp"

#include <algorithm>

namespace haiga::nn {

/// body(row, thread) for every row of `size` elements, on all threads, some rows a task.
template <device::host B, class Body>
void for_each_row(B& b, std::int64_t rows, std::int64_t size, Body const& body)
{
    auto const a_piece = std::max<std::int64_t>(1, device::piece / std::max<std::int64_t>(1, size));
    parallel_for(b.team(), (rows + a_piece - 1) / a_piece, [&](std::ptrdiff_t p, int thread) {
        for (auto r = p * a_piece; r < std::min(rows, (p + 1) * a_piece); ++r) {
            body(r, thread);
        }
    });
}

namespace detail {

/// A row of a dense matrix of any element type, as bytes.
inline auto row_bytes(any_view const& x) -> std::size_t
{
    return static_cast<std::size_t>(x.shape()[-1]) * size_of(x.type());
}
inline auto row_of(any_view const& x, std::int64_t row) -> std::byte*
{
    return static_cast<std::byte*>(x.data()) + static_cast<std::size_t>(row) * row_bytes(x);
}

} // namespace detail

} // namespace haiga::nn
