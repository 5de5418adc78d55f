#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace haiga::sched::detail {

/// Solves a x = b of n <= 4 unknowns by elimination with row pivots. In double: a is small, but
/// ill-conditioned where steps are short.
template <std::size_t N>
auto solve(std::array<std::array<double, N>, N> a, std::array<double, N> b, std::size_t n)
    -> std::array<double, N>
{
    for (std::size_t c = 0; c < n; ++c) {
        std::size_t pivot = c;
        for (std::size_t r = c + 1; r < n; ++r) {
            pivot = std::abs(a[r][c]) > std::abs(a[pivot][c]) ? r : pivot;
        }
        std::swap(a[c], a[pivot]);
        std::swap(b[c], b[pivot]);
        for (std::size_t r = c + 1; r < n; ++r) {
            double const factor = a[r][c] / a[c][c];
            for (std::size_t k = c; k < n; ++k) {
                a[r][k] -= factor * a[c][k];
            }
            b[r] -= factor * b[c];
        }
    }
    for (std::size_t c = n; c-- > 0;) {
        for (std::size_t k = c + 1; k < n; ++k) {
            b[c] -= a[c][k] * b[k];
        }
        b[c] /= a[c][c];
    }
    return b;
}

} // namespace haiga::sched::detail
