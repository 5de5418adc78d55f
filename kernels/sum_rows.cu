#include "common.cuh"
#include "haiga/device/cuda/sum_rows_threads.hpp"

namespace haiga::kernel {
namespace {

template <class T, int V>
auto sum_rows(row_grid const& grid, void const* x, float* out, void* workspace, void* stream) -> int
{
    sum_rows_arrays<T> const a{grid, static_cast<T const*>(x), static_cast<float*>(workspace), out};
    HAIGA_CUDA_TRY(launch_reduce<row_sum_program<T, V>>(grid, a, stream));
    auto const fold = share_columns(1, grid.chunks, grid.columns);
    return launch_reduce<row_fold_program<T>>(fold, a, stream);
}

} // namespace
} // namespace haiga::kernel

using namespace haiga::kernel;

extern "C" size_t haiga_cuda_sum_rows_workspace(haiga_dtype type, int64_t rows, int64_t columns)
{
    if (rows <= 0 || columns <= 0) {
        return 0;
    }
    auto const one = sum_rows_workspace(share_rows(1, rows, columns, 1));
    auto const wide = widest(type);
    auto const many =
        columns % wide == 0 ? sum_rows_workspace(share_rows(1, rows, columns, wide)) : 0;
    return one < many ? many : one; // pointers that are ill aligned take the narrow way
}

extern "C" int haiga_cuda_sum_rows(haiga_dtype type, int64_t rows, int64_t columns, void const* x,
                                   float* out, void* workspace, size_t workspace_bytes,
                                   void* stream)
{
    if (rows <= 0 || columns <= 0) {
        return HAIGA_CUDA_INVALID;
    }
    if (workspace_bytes < haiga_cuda_sum_rows_workspace(type, rows, columns)) {
        return HAIGA_CUDA_SMALL_WORKSPACE;
    }
    return with_lane(
        type, columns,
        [&]<class T, int V>() -> int {
            return sum_rows<T, V>(share_rows(1, rows, columns, V), x, out, workspace, stream);
        },
        x);
}
