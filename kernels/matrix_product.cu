#include "common.cuh"
#include "haiga/device/cuda/product_plan.hpp"

#include <cublasLt.h>

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <new>

#define HAIGA_CUBLAS_TRY(...)                                                                      \
    if (auto const haiga_blas = (__VA_ARGS__); haiga_blas != CUBLAS_STATUS_SUCCESS) {              \
        return HAIGA_CUDA_CUBLAS + static_cast<int>(haiga_blas);                                   \
    }

namespace haiga::kernel {
namespace {

template <auto destroy>
struct destroyer {
    template <class T>
    void operator()(T* object) const
    {
        destroy(object);
    }
};
template <class Handle, auto destroy>
using owned = std::unique_ptr<std::remove_pointer_t<Handle>, destroyer<destroy>>;

using owned_library = owned<cublasLtHandle_t, cublasLtDestroy>;
using owned_product = owned<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
using owned_layout = owned<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
using owned_preference = owned<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

/// What the choice of an algorithm depends on.
struct product_key {
    int form, a, c, accumulate, bias, tf32;
    unsigned alignment; ///< of all operands: 16, or that of an element
    std::int64_t m, n, k;
    auto operator<=>(product_key const&) const = default;
};

/// A product made ready: only addresses are missing.
struct prepared {
    owned_product product;
    owned_layout first, second, out;
    cublasLtMatmulAlgo_t algorithm;
};

auto library_type(int type) -> cudaDataType_t
{
    return type == HAIGA_BF16 ? CUDA_R_16BF : CUDA_R_32F;
}

auto make_layout(owned_layout& to, int type, column_major m) -> int
{
    cublasLtMatrixLayout_t made = nullptr;
    HAIGA_CUBLAS_TRY(cublasLtMatrixLayoutCreate(&made, library_type(type),
                                                static_cast<std::uint64_t>(m.rows),
                                                static_cast<std::uint64_t>(m.columns), m.stride()));
    to.reset(made);
    return HAIGA_CUDA_SUCCESS;
}

template <class T>
auto set(owned_product const& p, cublasLtMatmulDescAttributes_t what, T value) -> int
{
    HAIGA_CUBLAS_TRY(cublasLtMatmulDescSetAttribute(p.get(), what, &value, sizeof(value)));
    return HAIGA_CUDA_SUCCESS;
}

template <class T>
auto set(owned_preference const& p, cublasLtMatmulPreferenceAttributes_t what, T value) -> int
{
    HAIGA_CUBLAS_TRY(cublasLtMatmulPreferenceSetAttribute(p.get(), what, &value, sizeof(value)));
    return HAIGA_CUDA_SUCCESS;
}

auto make_product(owned_product& to, product_key const& key, product_plan const& plan) -> int
{
    cublasLtMatmulDesc_t made = nullptr;
    auto const compute = key.tf32 != 0 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    HAIGA_CUBLAS_TRY(cublasLtMatmulDescCreate(&made, compute, CUDA_R_32F));
    to.reset(made);
    auto const transpose = [](bool yes) { return yes ? CUBLAS_OP_T : CUBLAS_OP_N; };
    HAIGA_CUDA_TRY(set(to, CUBLASLT_MATMUL_DESC_TRANSA, transpose(plan.transpose_first)));
    HAIGA_CUDA_TRY(set(to, CUBLASLT_MATMUL_DESC_TRANSB, transpose(plan.transpose_second)));
    if (key.bias != 0) {
        HAIGA_CUDA_TRY(set(to, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS));
        HAIGA_CUDA_TRY(set(to, CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, library_type(key.c)));
    }
    return HAIGA_CUDA_SUCCESS;
}

auto choose(cublasLtHandle_t library, product_key const& key, prepared& p) -> int
{
    cublasLtMatmulPreference_t made = nullptr;
    HAIGA_CUBLAS_TRY(cublasLtMatmulPreferenceCreate(&made));
    owned_preference const wish(made);
    HAIGA_CUDA_TRY(
        set(wish, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, product_workspace::of_library));
    for (auto const operand :
         {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
        HAIGA_CUDA_TRY(set(wish, operand, key.alignment));
    }
    cublasLtMatmulHeuristicResult_t best{};
    int found = 0;
    HAIGA_CUBLAS_TRY(cublasLtMatmulAlgoGetHeuristic(library, p.product.get(), p.first.get(),
                                                    p.second.get(), p.out.get(), p.out.get(),
                                                    wish.get(), 1, &best, &found));
    p.algorithm = best.algo;
    return found > 0 ? HAIGA_CUDA_SUCCESS : HAIGA_CUDA_NO_ALGORITHM;
}

auto prepare(cublasLtHandle_t library, product_key const& key, prepared& p) -> int
{
    auto const plan = plan_of(static_cast<haiga_form>(key.form), key.m, key.n, key.k);
    HAIGA_CUDA_TRY(make_product(p.product, key, plan));
    HAIGA_CUDA_TRY(make_layout(p.first, key.a, plan.first)); // both operands by now have A's type
    HAIGA_CUDA_TRY(make_layout(p.second, key.a, plan.second));
    HAIGA_CUDA_TRY(make_layout(p.out, key.c, plan.out));
    return choose(library, key, p);
}

__global__ void round_to_bf16(float const* from, bf16* to, std::int64_t n)
{
    auto const step = std::int64_t{gridDim.x} * blockDim.x;
    for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) {
        to[i] = static_cast<bf16>(from[i]);
    }
}

auto round_into(void* to, void const* from, std::int64_t n, void* stream) -> int
{
    auto const blocks = static_cast<unsigned>(detail::at_most(quotient_up(n, 256), 4096));
    round_to_bf16<<<blocks, 256, 0, stream_of(stream)>>>(static_cast<float const*>(from),
                                                         static_cast<bf16*>(to), n);
    return launched();
}

/// Puts the weight and the bias, where they are fp32 and must not be, into the workspace.
auto convert(haiga_product const& p, product_workspace const& w, void const*& b, void const*& bias,
             void* workspace, void* stream) -> int
{
    auto* const at = static_cast<std::byte*>(workspace);
    if (w.converts_weight) {
        HAIGA_CUDA_TRY(round_into(at + w.weight, b, p.n * p.k, stream));
        b = at + w.weight;
    }
    if (w.converts_bias) {
        HAIGA_CUDA_TRY(round_into(at + w.bias, bias, p.n, stream));
        bias = at + w.bias;
    }
    return HAIGA_CUDA_SUCCESS;
}

auto key_of(haiga_product const& p, bool aligned_well) -> product_key
{
    bool const halves = p.a == HAIGA_BF16 || p.c == HAIGA_BF16;
    return {.form = p.form,
            .a = p.a,
            .c = p.c,
            .accumulate = p.accumulate != 0,
            .bias = p.bias != 0,
            .tf32 = p.tf32 != 0 && p.a == HAIGA_F32,
            .alignment = aligned_well ? 16U
                         : halves     ? 2U
                                      : 4U,
            .m = p.m,
            .n = p.n,
            .k = p.k};
}

} // namespace
} // namespace haiga::kernel

using namespace haiga::kernel;

struct haiga_products {
    owned_library library;
    std::map<product_key, prepared> known;

    /// Null on failure, told by status.
    auto find(product_key const& key, int& status) -> prepared const*
    try {
        auto const [at, is_new] = known.try_emplace(key);
        status = is_new ? prepare(library.get(), key, at->second) : 0;
        if (status != 0) {
            known.erase(at);
            return nullptr;
        }
        return &at->second;
    } catch (std::bad_alloc const&) {
        status = HAIGA_CUDA_OUT_OF_MEMORY;
        return nullptr;
    }
};

extern "C" int haiga_cuda_products_create(haiga_products** out)
{
    cublasLtHandle_t library = nullptr;
    HAIGA_CUBLAS_TRY(cublasLtCreate(&library));
    owned_library mine(library);
    *out = new (std::nothrow) haiga_products{std::move(mine), {}};
    return *out != nullptr ? HAIGA_CUDA_SUCCESS : HAIGA_CUDA_OUT_OF_MEMORY;
}

extern "C" void haiga_cuda_products_destroy(haiga_products* products) { delete products; }

extern "C" size_t haiga_cuda_product_workspace(haiga_product const* p)
{
    return workspace_of(*p).total;
}

extern "C" int haiga_cuda_product(haiga_products* products, haiga_product const* p, void const* a,
                                  void const* b, float const* bias, void* c, void* workspace,
                                  size_t workspace_bytes, void* stream)
{
    auto const w = workspace_of(*p);
    if (!is_valid(*p) || (p->bias != 0 && bias == nullptr)) {
        return HAIGA_CUDA_INVALID;
    }
    if (!is_supported(*p)) {
        return HAIGA_CUDA_UNSUPPORTED;
    }
    if (workspace_bytes < w.total) {
        return HAIGA_CUDA_SMALL_WORKSPACE;
    }
    if (p->m == 0 || p->n == 0) {
        return HAIGA_CUDA_SUCCESS;
    }
    void const* bias_as_read = bias;
    HAIGA_CUDA_TRY(convert(*p, w, b, bias_as_read, workspace, stream));
    int status = 0;
    auto const* const ready = products->find(key_of(*p, aligned(16, a, b, c)), status);
    if (ready == nullptr) {
        return status;
    }
    if (p->bias != 0) {
        HAIGA_CUDA_TRY(set(ready->product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias_as_read));
    }
    float const one = 1;
    float const kept = p->accumulate != 0 ? 1 : 0;
    auto* const room = static_cast<std::byte*>(workspace) + w.cublas;
    HAIGA_CUBLAS_TRY(cublasLtMatmul(products->library.get(), ready->product.get(), &one, b,
                                    ready->first.get(), a, ready->second.get(), &kept, c,
                                    ready->out.get(), c, ready->out.get(), &ready->algorithm, room,
                                    product_workspace::of_library, stream_of(stream)));
    return HAIGA_CUDA_SUCCESS;
}
