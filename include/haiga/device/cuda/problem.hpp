#pragma once

#include "haiga/device/backend.hpp"
#include "haiga/device/cuda/abi.h"

#include <algorithm>

namespace haiga::device {

/// The kernels' name of an element type. Another type than f32 and bf16 is a caller's bug.
inline auto kernel_type(dtype type) -> haiga_dtype
{
    HAIGA_CHECK(type == dtype::f32 || type == dtype::bf16, "the kernels take F32 and BF16, not ",
                to_string(type));
    return type == dtype::bf16 ? HAIGA_BF16 : HAIGA_F32;
}

/// A product as the kernels are told of it. Shapes that do not fit are a caller's bug.
inline auto problem_of(matrix_product const& p, bool tf32) -> haiga_product
{
    auto const wide = [](any_view const& v) { return v.shape()[-1]; };
    auto const high = [&](any_view const& v) {
        return v.elements() / std::max<std::int64_t>(1, wide(v));
    };
    bool const nt = p.how == form::nt;
    bool const tn = p.how == form::tn;
    haiga_product const q{.form = nt   ? HAIGA_NT
                                  : tn ? HAIGA_TN
                                       : HAIGA_NN,
                          .a = kernel_type(p.a.type()),
                          .b = kernel_type(p.b.type()),
                          .c = kernel_type(p.c.type()),
                          .m = high(p.c),
                          .n = wide(p.c),
                          .k = tn ? high(p.a) : wide(p.a),
                          .accumulate = p.accumulate ? 1 : 0,
                          .bias = p.bias ? 1 : 0,
                          .tf32 = tf32 ? 1 : 0};
    HAIGA_CHECK((nt ? wide(p.b) : high(p.b)) == q.k, "inner dimension of ", p.b.shape(), ": ", q.k);
    HAIGA_CHECK((nt ? high(p.b) : wide(p.b)) == q.n, "columns of ", p.b.shape(), ": ", q.n);
    HAIGA_CHECK((tn ? wide(p.a) : high(p.a)) == q.m, "rows of ", p.a.shape(), ": ", q.m);
    HAIGA_CHECK(!p.bias || (p.bias.type() == dtype::f32 && p.bias.elements() == q.n));
    HAIGA_CHECK(!p.bias || !p.accumulate);
    return q;
}

/// Shapes: x [N, ..., C], stats [N, groups, 2] of f32.
inline auto problem_of_group_norm(any_view x, any_view stats, double eps, bool silu)
    -> haiga_group_norm
{
    auto const& dims = x.shape();
    HAIGA_CHECK(stats.type() == dtype::f32 && stats.shape().rank() == 3);
    HAIGA_CHECK(stats.shape()[0] == dims[0] && stats.shape()[2] == 2, stats.shape());
    auto const outer = std::max<std::int64_t>(1, dims[0] * dims[-1]);
    return {.type = kernel_type(x.type()),
            .samples = dims[0],
            .pixels = x.elements() / outer,
            .channels = dims[-1],
            .groups = stats.shape()[1],
            .eps = static_cast<float>(eps),
            .silu = silu ? 1 : 0};
}

} // namespace haiga::device
