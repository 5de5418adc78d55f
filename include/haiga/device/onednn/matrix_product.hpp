#pragma once

#include "haiga/device/backend.hpp"
#include "haiga/device/onednn/engine.hpp"

#include <dnnl_debug.h>

#include <algorithm>

namespace haiga::device::onednn {

/// The rows and columns of a product whose leading axes are folded.
struct product_sizes {
    std::int64_t m, n, k;

    explicit product_sizes(matrix_product const& p) : m(0), n(p.c.shape()[-1]), k(0)
    {
        m = p.c.elements() / std::max<std::int64_t>(1, n);
        k = p.a.elements() / std::max<std::int64_t>(1, m);
    }
    friend auto operator<=>(product_sizes const&, product_sizes const&) = default;
};

/// fp32 through sgemm; the bias is what the product is added to.
inline void multiply_f32(matrix_product const& p)
{
    product_sizes const s(p);
    auto* const c = static_cast<float*>(p.c.data());
    bool const biased = static_cast<bool>(p.bias);
    for (std::int64_t i = 0; biased && i < s.m; ++i) {
        std::copy_n(static_cast<float const*>(p.bias.data()), s.n, c + i * s.n);
    }
    auto const status = dnnl_sgemm(p.how == form::tn ? 'T' : 'N', p.how == form::nt ? 'T' : 'N',
                                   s.m, s.n, s.k, 1.0F, static_cast<float const*>(p.a.data()),
                                   p.a.shape()[-1], static_cast<float const*>(p.b.data()),
                                   p.b.shape()[-1], biased || p.accumulate ? 1.0F : 0.0F, c, s.n);
    HAIGA_CHECK(status == dnnl_success, "sgemm: ", dnnl_status2str(status), " for m ", s.m, ", n ",
                s.n, ", k ", s.k);
}

/// bf16 operands with fp32 accumulation; weights in fp32 are rounded first.
class bf16_product {
public:
    bf16_product(context& c, matrix_product const& p)
    {
        product_sizes const s(p);
        using dims = dnnl::memory::dims;
        auto const bf = dnnl::memory::data_type::bf16;
        a_ = {{s.m, s.k}, bf, p.how == form::tn ? dims{1, s.m} : dims{s.k, 1}};
        dims const b_strides = p.how == form::nt ? dims{1, s.k} : dims{s.n, 1};
        b_ = {{s.k, s.n}, bf, b_strides};
        c_ = {{s.m, s.n}, type_of(p.c.type()), dims{s.n, 1}};
        bias_ = {{1, s.n}, dnnl::memory::data_type::f32, dims{s.n, 1}};
        weights_ = conversion(c, {{s.k, s.n}, type_of(p.b.type()), b_strides}, b_);
        dnnl::matmul::primitive_desc const made(p.bias ? dnnl::matmul::desc(a_, b_, bias_, c_)
                                                       : dnnl::matmul::desc(a_, b_, c_),
                                                c.engine);
        matmul_ = dnnl::matmul(made);
    }

    void run(context& c, matrix_product const& p)
    {
        matmul_.execute(c.stream,
                        {{DNNL_ARG_SRC, wrap(c, a_, p.a.data())},
                         {DNNL_ARG_WEIGHTS, weights_(c, p.b.data())},
                         {DNNL_ARG_BIAS, p.bias ? wrap(c, bias_, p.bias.data()) : dnnl::memory()},
                         {DNNL_ARG_DST, wrap(c, c_, p.c.data())}});
        c.stream.wait();
    }

private:
    dnnl::memory::desc a_, b_, c_, bias_;
    conversion weights_;
    dnnl::matmul matmul_;
};

} // namespace haiga::device::onednn
