#include "common.cuh"
#include "haiga/device/cuda/group_norm_threads.hpp"

namespace haiga::kernel {
namespace {

auto is_valid(haiga_group_norm const& n) -> bool
{
    return n.samples > 0 && n.pixels > 0 && n.channels > 0 && n.groups > 0 &&
           n.channels % n.groups == 0;
}

auto grid_of(haiga_group_norm const& n, std::int64_t vector) -> row_grid
{
    return share_rows(n.samples, n.pixels, n.channels, vector);
}

template <class T, int V>
auto arrays_of(haiga_group_norm const& n, void const* x, float const* stats) -> group_norm_arrays<T>
{
    group_norm_arrays<T> a;
    a.grid = grid_of(n, V);
    a.groups = n.groups;
    a.eps = n.eps;
    a.silu = n.silu != 0;
    a.x = static_cast<T const*>(x);
    a.stats = const_cast<float*>(stats);
    return a;
}

template <class T, int V>
auto stats(group_norm_arrays<T> const& a, void* stream) -> int
{
    HAIGA_CUDA_TRY(launch_reduce<moment_program<T, V>>(a.grid, a, stream));
    auto const g = share_groups(a, a.grid.chunks * a.width(), 128);
    return launch_reduce<stats_program<T>>(g, a, stream);
}

template <class T, int V>
auto backward(group_norm_arrays<T> const& a, void* stream) -> int
{
    auto const both = 2 * a.grid.columns;
    auto const samples = a.grid.samples;
    HAIGA_CUDA_TRY(launch_reduce<gradient_sum_program<T, V>>(a.grid, a, stream));
    HAIGA_CUDA_TRY(launch_reduce<chunk_fold_program<T>>(share_columns(samples, a.grid.chunks, both),
                                                        a, stream));
    if (a.dgamma != nullptr || a.dbeta != nullptr) {
        HAIGA_CUDA_TRY(launch_reduce<parameter_gradient_program<T>>(share_columns(1, samples, both),
                                                                    a, stream));
    }
    if (a.out == nullptr) {
        return HAIGA_CUDA_SUCCESS;
    }
    HAIGA_CUDA_TRY(launch_reduce<group_mean_program<T>>(share_groups(a, a.width(), 32), a, stream));
    return launch_each<input_gradient_program<T, V>>(a.grid, a, stream);
}

} // namespace
} // namespace haiga::kernel

using namespace haiga::kernel;

extern "C" size_t haiga_cuda_group_norm_workspace(haiga_group_norm const* n)
{
    if (!is_valid(*n)) {
        return 0;
    }
    auto const wide = widest(n->type);
    auto const one = group_norm_workspace(grid_of(*n, 1), n->groups);
    auto const many =
        n->channels % wide == 0 ? group_norm_workspace(grid_of(*n, wide), n->groups) : 0;
    return one < many ? many : one; // pointers that are ill aligned take the narrow way
}

extern "C" int haiga_cuda_group_stats(haiga_group_norm const* n, void const* x, float* out,
                                      void* workspace, size_t workspace_bytes, void* stream)
{
    if (!is_valid(*n)) {
        return HAIGA_CUDA_INVALID;
    }
    if (workspace_bytes < haiga_cuda_group_norm_workspace(n)) {
        return HAIGA_CUDA_SMALL_WORKSPACE;
    }
    return with_lane(
        n->type, n->channels,
        [&]<class T, int V>() -> int {
            auto a = arrays_of<T, V>(*n, x, out);
            lay_out(a, static_cast<float*>(workspace));
            return stats<T, V>(a, stream);
        },
        x);
}

extern "C" int haiga_cuda_group_apply(haiga_group_norm const* n, void const* x, float const* stats,
                                      float const* gamma, float const* beta, void* y, void* stream)
{
    if (!is_valid(*n)) {
        return HAIGA_CUDA_INVALID;
    }
    return with_lane(
        n->type, n->channels,
        [&]<class T, int V>() -> int {
            auto a = arrays_of<T, V>(*n, x, stats);
            a.gamma = gamma;
            a.beta = beta;
            a.out = static_cast<T*>(y);
            return launch_each<apply_program<T, V>>(a.grid, a, stream);
        },
        x, y);
}

extern "C" int haiga_cuda_group_apply_backward(haiga_group_norm const* n, void const* dy,
                                               void const* x, float const* stats,
                                               float const* gamma, float const* beta, void* dx,
                                               float* dgamma, float* dbeta, void* workspace,
                                               size_t workspace_bytes, void* stream)
{
    if (!is_valid(*n)) {
        return HAIGA_CUDA_INVALID;
    }
    if (workspace_bytes < haiga_cuda_group_norm_workspace(n)) {
        return HAIGA_CUDA_SMALL_WORKSPACE;
    }
    return with_lane(
        n->type, n->channels,
        [&]<class T, int V>() -> int {
            auto a = arrays_of<T, V>(*n, x, stats);
            lay_out(a, static_cast<float*>(workspace));
            a.dy = static_cast<T const*>(dy);
            a.gamma = gamma;
            a.beta = beta;
            a.out = static_cast<T*>(dx);
            a.dgamma = dgamma;
            a.dbeta = dbeta;
            return backward<T, V>(a, stream);
        },
        x, dy, dx);
}
