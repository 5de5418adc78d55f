#pragma once

#include "haiga/device/cpu_native.hpp"
#include "haiga/device/onednn/convolution.hpp"
#include "haiga/device/onednn/matrix_product.hpp"

#include <map>
#include <memory>
#include <tuple>

namespace haiga::device {

/// The host, with convolutions and matrix products by oneDNN: the model to choose where the
/// machine multiplies bf16 in hardware. What oneDNN has no fast kernel for (bf16 without such
/// hardware, f64) runs as on cpu_native.
///
/// Cost: primitives, and memory for operands that they want otherwise, are made when sizes are met
///       first, and kept. Every later run still describes its operands to oneDNN in small objects,
///       which it allocates.
class cpu_onednn : public cpu_native {
public:
    static constexpr std::string_view name = "cpu_onednn";

    static auto libraries() -> std::string
    {
        auto const& v = *dnnl::version();
        return concat("oneDNN ", v.major, '.', v.minor, '.', v.patch);
    }

    explicit cpu_onednn(parallelism team = parallelism::all_cores()) : cpu_native(team) {}

    void multiply(matrix_product const& p)
    {
        bool const f32 = p.a.type() == dtype::f32 && p.b.type() == dtype::f32;
        if (f32) {
            return with_team([&] { onednn::multiply_f32(p); });
        }
        if (p.a.type() == dtype::bf16 && onednn::fast(dtype::bf16) && !p.accumulate) {
            return with_team([&] { product_of(p).run(context_, p); });
        }
        cpu_native::multiply(p);
    }

    auto convolve(convolution const& sizes, any_view x, any_view weights, any_view bias, any_view y)
        -> bool
    {
        return convolve(sizes, x.type(), static_cast<bool>(bias),
                        [&](auto& passes) { passes.forward(context_, x, weights, bias, y); });
    }

    auto convolve_input_gradient(convolution const& sizes, any_view dy, any_view weights,
                                 any_view dx) -> bool
    {
        return convolve(sizes, dy.type(), true,
                        [&](auto& passes) { passes.input_gradient(context_, dy, weights, dx); });
    }

    auto convolve_weight_gradient(convolution const& sizes, any_view x, any_view dy, any_view dw)
        -> bool
    {
        return onednn::every_tap_meets_pixels(sizes) &&
               convolve(sizes, x.type(), true,
                        [&](auto& passes) { passes.weight_gradient(context_, x, dy, dw); });
    }

private:
    template <class Pass>
    auto convolve(convolution const& sizes, dtype type, bool biased, Pass const& pass) -> bool
    {
        if (!onednn::fast(type)) {
            return false;
        }
        with_team([&] {
            auto& passes = convolutions_[{sizes, type, biased}];
            if (!passes) {
                passes =
                    std::make_unique<onednn::convolution_passes>(context_, sizes, type, biased);
            }
            pass(*passes);
        });
        return true;
    }

    auto product_of(matrix_product const& p) -> onednn::bf16_product&
    {
        auto& made = products_[{onednn::product_sizes(p), p.how, p.b.type(), p.c.type(),
                                static_cast<bool>(p.bias)}];
        if (!made) {
            made = std::make_unique<onednn::bf16_product>(context_, p);
        }
        return *made;
    }

    /// oneDNN takes its number of threads from OpenMP, when a primitive is made and when it runs.
    template <class F>
    void with_team(F const& f) const
    {
#ifdef _OPENMP
        int const before = omp_get_max_threads();
        omp_set_num_threads(team().threads);
        f();
        omp_set_num_threads(before);
#else
        f();
#endif
    }

    onednn::context context_;
    std::map<std::tuple<convolution, dtype, bool>, std::unique_ptr<onednn::convolution_passes>>
        convolutions_;
    std::map<std::tuple<onednn::product_sizes, form, dtype, dtype, bool>,
             std::unique_ptr<onednn::bf16_product>>
        products_;
};

static_assert(host_backend<cpu_onednn>);

} // namespace haiga::device
