#pragma once

#include "haiga/device/cuda/abi.h"

#include <cstddef>
#include <cstdint>

namespace haiga::kernel {

/// One operand as BLAS reads it: column-major, `rows` by `columns`, columns `stride` apart.
struct column_major {
    std::int64_t rows = 0, columns = 0;
    [[nodiscard]] constexpr auto stride() const -> std::int64_t { return rows; }
};

/// A row-major product put to a library that is column-major: a row-major matrix read by columns
/// is its transpose, so C^T = B^T A^T is asked for, B first, and nothing is moved. C^T has n rows,
/// so a bias over its rows is one over C's columns.
struct product_plan {
    column_major first, second, out; ///< of B, A and C
    bool transpose_first = false, transpose_second = false;
};

constexpr auto plan_of(haiga_form how, std::int64_t m, std::int64_t n, std::int64_t k)
    -> product_plan
{
    bool const nt = how == HAIGA_NT;
    bool const tn = how == HAIGA_TN;
    return {.first = nt ? column_major{k, n} : column_major{n, k},
            .second = tn ? column_major{m, k} : column_major{k, m},
            .out = {n, m},
            .transpose_first = nt,
            .transpose_second = tn};
}

/// Whether the types go together: see abi.h.
constexpr auto is_supported(haiga_product const& p) -> bool
{
    return p.a == HAIGA_BF16 || (p.b == HAIGA_F32 && p.c == HAIGA_F32);
}

constexpr auto is_valid(haiga_product const& p) -> bool
{
    bool const empty = p.m == 0 || p.n == 0;
    return p.m >= 0 && p.n >= 0 && p.k >= 0 && (p.k > 0 || empty) &&
           (p.accumulate == 0 || p.bias == 0);
}

/// What lies where in a product's workspace, in bytes.
struct product_workspace {
    static constexpr std::size_t alignment = 256;
    static constexpr std::size_t of_library = std::size_t{32} << 20U; ///< as cuBLAS takes on Hopper

    std::size_t weight = 0, bias = 0, cublas = 0, total = 0;
    bool converts_weight = false, converts_bias = false;
};

constexpr auto workspace_of(haiga_product const& p) -> product_workspace
{
    auto const room = [](bool wanted, std::int64_t elements) {
        auto const bytes = wanted ? static_cast<std::size_t>(elements) * 2 : 0;
        auto const a = product_workspace::alignment;
        return (bytes + a - 1) / a * a;
    };
    product_workspace w;
    w.converts_weight = p.a == HAIGA_BF16 && p.b == HAIGA_F32;
    w.converts_bias = p.bias != 0 && p.c == HAIGA_BF16;
    w.bias = room(w.converts_weight, p.n * p.k);
    w.cublas = w.bias + room(w.converts_bias, p.n);
    w.total = w.cublas + product_workspace::of_library;
    return w;
}

} // namespace haiga::kernel
