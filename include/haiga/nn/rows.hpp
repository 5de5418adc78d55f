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

} // namespace haiga::nn
