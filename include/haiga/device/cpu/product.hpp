#pragma once

#include <cstdint>
#include <span>

namespace haiga::device {

/// Which operand of a product is read transposed. Matrices are row-major.
enum class form : std::uint8_t {
    nn, ///< C[m, n] = A[m, k] B[k, n]: what forward passes want
    nt, ///< C[m, n] = A[m, k] B[n, k]^T: gradients of inputs
    tn, ///< C[m, n] = A[k, m]^T B[k, n]: gradients of weights
};

/// One run of the inner dimension: where it starts in A's rows and in B.
struct segment {
    std::int64_t a = 0;
    std::int64_t b = 0;
};

/// C = or += the sum over segments of A B, on one thread. What every convolution and every block of
/// a matrix product comes down to.
///
/// The rows of A (and of C) are found through a table of offsets, so the taps of a convolution are
/// rows that overlap in memory and nothing is ever copied into columns (Dukhan's indirect
/// convolution, arXiv:1907.02129). In form nn and nt the table has m entries, in form tn it has k.
/// Shapes: as told by form, for each segment; C has m rows, in all forms found through c_rows.
template <class T>
struct product {
    std::int64_t m = 0, n = 0, k = 0;
    T const* a = nullptr;
    std::span<std::int32_t const> a_rows;
    T const* b = nullptr;
    std::int64_t ldb = 0;
    T* c = nullptr;
    std::span<std::int32_t const> c_rows;
    std::span<segment const> segments;
    bool accumulate = false;
};

} // namespace haiga::device
