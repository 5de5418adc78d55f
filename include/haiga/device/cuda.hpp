#pragma once

#include "haiga/device/backend.hpp"
#include "haiga/device/cuda/memory.hpp"
#include "haiga/device/cuda/problem.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace haiga::device {

struct cuda_options {
    int device = 0;
    bool tf32 = false; ///< faster fp32 products whose operands are rounded to 10 bits
};

/// A GPU of NVIDIA as a backend: cuBLASLt and the kernels of kernels/, behind their C interface, so
/// that no header of CUDA is seen here. One stream, used by the thread that opened it.
///
/// Storage is f32 or bf16. In bf16 the fp32 weights are rounded to bf16 for each product and sums
/// are fp32: a little less exact than the host, which keeps weights in fp32.
/// Errors: as the backend concept says; synchronize() tells the first one kept, once.
class cuda {
public:
    using memory = cuda_memory;
    static constexpr std::string_view name = "cuda";

    /// Errors: not_found where there is no GPU, or no driver that serves this CUDA.
    static auto open(cuda_options const& options = {}) -> result<cuda>
    {
        HAIGA_TRY_VOID(cuda_checked(haiga_cuda_use(options.device), "no GPU to use"));
        void* stream = nullptr;
        HAIGA_TRY_VOID(cuda_checked(haiga_cuda_stream_create(&stream), "stream"));
        cuda made(options, stream);
        haiga_products* products = nullptr;
        HAIGA_TRY_VOID(cuda_checked(haiga_cuda_products_create(&products), "cuBLASLt"));
        made.products_.reset(products);
        return made;
    }

    static auto allocate(std::size_t bytes) -> result<memory> { return memory::allocate(bytes); }

    void upload(void* to, void const* from, std::size_t bytes)
    {
        check(haiga_cuda_upload(to, from, bytes, stream()), "upload");
    }
    void download(void* to, void const* from, std::size_t bytes)
    {
        check(haiga_cuda_download(to, from, bytes, stream()), "download");
    }
    void zero(void* to, std::size_t bytes) { check(haiga_cuda_zero(to, bytes, stream()), "zero"); }

    auto synchronize() -> result<>
    {
        check(haiga_cuda_synchronize(stream()), "synchronize");
        if (auto const first = std::exchange(kept_, std::nullopt)) {
            return tl::unexpected(*first);
        }
        return {};
    }

    void multiply(matrix_product const& p)
    {
        auto const q = problem_of(p, options_.tf32);
        auto const bytes = haiga_cuda_product_workspace(&q);
        if (auto* const room = workspace(bytes)) {
            check(haiga_cuda_product(products_.get(), &q, p.a.data(), p.b.data(),
                                     static_cast<float const*>(p.bias.data()), p.c.data(), room,
                                     bytes, stream()),
                  "matrix product");
        }
    }

    /// Shapes: x [..., columns], out [columns] of f32.
    void sum_rows(any_view x, any_view out)
    {
        auto const columns = x.shape()[-1];
        auto const rows = x.elements() / std::max<std::int64_t>(1, columns);
        auto const type = kernel_type(x.type());
        auto const bytes = haiga_cuda_sum_rows_workspace(type, rows, columns);
        if (auto* const room = workspace(bytes)) {
            check(haiga_cuda_sum_rows(type, rows, columns, x.data(), floats(out), room, bytes,
                                      stream()),
                  "sum_rows");
        }
    }

    /// Shapes: x [N, ..., C], stats [N, groups, 2] of f32: mean, 1 / sqrt(variance + eps).
    void group_stats(any_view x, any_view stats, double eps)
    {
        auto const q = problem_of_group_norm(x, stats, eps, false);
        auto const bytes = haiga_cuda_group_norm_workspace(&q);
        if (auto* const room = workspace(bytes)) {
            check(haiga_cuda_group_stats(&q, x.data(), floats(stats), room, bytes, stream()),
                  "group_stats");
        }
    }

    /// y = gamma (x - mean) / deviation + beta, then SiLU if asked for. y may be x.
    void group_apply(any_view x, any_view stats, any_view gamma, any_view beta, any_view y,
                     bool silu)
    {
        HAIGA_CHECK(y.type() == x.type() && y.elements() == x.elements());
        auto const q = problem_of_group_norm(x, stats, 0, silu);
        check(haiga_cuda_group_apply(&q, x.data(), floats(stats), floats(gamma), floats(beta),
                                     y.data(), stream()),
              "group_apply");
    }

    /// dx, dgamma, dbeta of group_stats and group_apply together; what is empty is not written.
    void group_gradient(any_view x, any_view stats, any_view gamma, any_view beta, any_view dy,
                        any_view dx, any_view dgamma, any_view dbeta, bool silu)
    {
        HAIGA_CHECK(dy.type() == x.type() && dy.elements() == x.elements());
        HAIGA_CHECK(!dx || (dx.type() == x.type() && dx.elements() == x.elements()));
        auto const q = problem_of_group_norm(x, stats, 0, silu);
        auto const bytes = haiga_cuda_group_norm_workspace(&q);
        if (auto* const room = workspace(bytes)) {
            check(haiga_cuda_group_apply_backward(
                      &q, dy.data(), x.data(), floats(stats), floats(gamma), floats(beta),
                      dx.data(), floats(dgamma), floats(dbeta), room, bytes, stream()),
                  "group_gradient");
        }
    }

private:
    struct release {
        void operator()(void* stream) const { haiga_cuda_stream_destroy(stream); }
        void operator()(haiga_products* p) const { haiga_cuda_products_destroy(p); }
    };

    cuda(cuda_options const& options, void* stream) : options_(options), stream_(stream) {}

    [[nodiscard]] auto stream() const -> void* { return stream_.get(); }

    static auto floats(any_view v) -> float*
    {
        HAIGA_CHECK(!v || v.type() == dtype::f32, "parameters and statistics are F32");
        return static_cast<float*>(v.data());
    }

    void check(int status, std::string_view what)
    {
        if (status != HAIGA_CUDA_SUCCESS && !kept_) {
            kept_ = cuda_failure(status, what);
        }
    }

    /// Grows when more is asked for than before, so a second run allocates nothing. Null, and the
    /// failure kept, if it cannot be had.
    auto workspace(std::size_t bytes) -> void*
    {
        bytes = std::max<std::size_t>(bytes, 1);
        if (workspace_.size() < bytes) {
            workspace_ = {};
            if (auto made = allocate(bytes)) {
                workspace_ = *std::move(made);
            } else if (!kept_) {
                kept_ = std::move(made).error();
            }
        }
        return workspace_.data();
    }

    cuda_options options_;
    std::unique_ptr<void, release> stream_;
    std::unique_ptr<haiga_products, release> products_;
    memory workspace_;
    std::optional<failure> kept_;
};

static_assert(backend<cuda>);
static_assert(!host_backend<cuda>);

} // namespace haiga::device
