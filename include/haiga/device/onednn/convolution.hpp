#pragma once

#include "haiga/device/convolution.hpp"
#include "haiga/device/onednn/engine.hpp"

#include <algorithm>

namespace haiga::device::onednn {

/// Whether each tap of the kernel lies on the picture somewhere. oneDNN 2.6.3 leaves the gradients
/// of other taps, which are zero, unwritten where it works in AMX's tiles.
inline auto every_tap_meets_pixels(haiga::device::convolution const& c) -> bool
{
    auto const meets = [&](std::int64_t tap, std::int64_t extent, std::int64_t outputs) {
        // the first output whose tap is not before the picture
        auto const at = std::max<std::int64_t>(0, (c.padding - tap + c.stride - 1) / c.stride);
        return at < outputs && at * c.stride + tap - c.padding < extent;
    };
    for (std::int64_t tap = 0; tap < c.kernel; ++tap) {
        if (!meets(tap, c.h, c.out_h()) || !meets(tap, c.w, c.out_w())) {
            return false;
        }
    }
    return true;
}

/// The descriptions of a convolution's operands: channels-last pictures of the storage type,
/// weights left to oneDNN's choice, and the library's own HWIO weights.
struct convolution_descs {
    dnnl::memory::desc x, y, any_weights, our_weights, bias;
    dnnl::memory::dims strides, padding, padding_behind;

    convolution_descs(haiga::device::convolution const& c, dtype type)
        : strides{c.stride, c.stride}, padding{c.padding, c.padding}, padding_behind{
                                                                          c.padding + c.extra,
                                                                          c.padding + c.extra}
    {
        using tag = dnnl::memory::format_tag;
        dnnl::memory::dims const weights{c.out_channels, c.in_channels, c.kernel, c.kernel};
        x = {{c.n, c.in_channels, c.h, c.w}, type_of(type), tag::nhwc};
        y = {{c.n, c.out_channels, c.out_h(), c.out_w()}, type_of(type), tag::nhwc};
        any_weights = {weights, type_of(type), tag::any};
        our_weights = {weights, dnnl::memory::data_type::f32, tag::hwio};
        bias = {{c.out_channels}, dnnl::memory::data_type::f32, tag::a};
    }

    [[nodiscard]] auto forward(context& c, bool biased) const
    {
        auto const none = dnnl::memory::desc();
        return dnnl::convolution_forward::primitive_desc(
            {dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, x, any_weights,
             biased ? bias : none, y, strides, padding, padding_behind},
            c.engine);
    }
};

/// One convolution's three passes, chosen once for its sizes and storage type.
class convolution_passes {
public:
    convolution_passes(context& c, haiga::device::convolution const& sizes, dtype type, bool biased)
        : descs_(sizes, type), biased_(biased)
    {
        auto const forward = descs_.forward(c, biased);
        forward_ = dnnl::convolution_forward(forward);
        weights_in_ = conversion(c, descs_.our_weights, forward.weights_desc());
        prepare_gradients(c, descs_.forward(c, false));
    }

    void forward(context& c, any_view x, any_view weights, any_view bias, any_view y)
    {
        auto const w = weights_in_(c, weights.data());
        forward_.execute(c.stream, {{DNNL_ARG_SRC, wrap(c, descs_.x, x.data())},
                                    {DNNL_ARG_WEIGHTS, w},
                                    {DNNL_ARG_BIAS,
                                     biased_ ? wrap(c, descs_.bias, bias.data()) : dnnl::memory()},
                                    {DNNL_ARG_DST, wrap(c, descs_.y, y.data())}});
        c.stream.wait();
    }

    void input_gradient(context& c, any_view dy, any_view weights, any_view dx)
    {
        auto const w = weights_back_(c, weights.data());
        input_.execute(c.stream, {{DNNL_ARG_DIFF_DST, wrap(c, descs_.y, dy.data())},
                                  {DNNL_ARG_WEIGHTS, w},
                                  {DNNL_ARG_DIFF_SRC, wrap(c, descs_.x, dx.data())}});
        c.stream.wait();
    }

    void weight_gradient(context& c, any_view x, any_view dy, any_view dw)
    {
        auto out = wrap(c, descs_.our_weights, dw.data());
        auto made = converts_gradient_ ? gradient_ : out;
        weight_.execute(c.stream, {{DNNL_ARG_SRC, wrap(c, descs_.x, x.data())},
                                   {DNNL_ARG_DIFF_DST, wrap(c, descs_.y, dy.data())},
                                   {DNNL_ARG_DIFF_WEIGHTS, made}});
        if (converts_gradient_) {
            gradient_out_.execute(c.stream, gradient_, out);
        }
        c.stream.wait();
    }

private:
    void prepare_gradients(context& c, dnnl::convolution_forward::primitive_desc const& hint)
    {
        auto const direct = dnnl::algorithm::convolution_direct;
        dnnl::convolution_backward_data::primitive_desc const input(
            {direct, descs_.x, descs_.any_weights, descs_.y, descs_.strides, descs_.padding,
             descs_.padding_behind},
            c.engine, hint);
        input_ = dnnl::convolution_backward_data(input);
        weights_back_ = conversion(c, descs_.our_weights, input.weights_desc());

        auto any_gradient = dnnl::memory::desc(
            descs_.our_weights.dims(), dnnl::memory::data_type::f32, dnnl::memory::format_tag::any);
        dnnl::convolution_backward_weights::primitive_desc const weight(
            {direct, descs_.x, any_gradient, descs_.y, descs_.strides, descs_.padding,
             descs_.padding_behind},
            c.engine, hint);
        weight_ = dnnl::convolution_backward_weights(weight);
        converts_gradient_ = weight.diff_weights_desc() != descs_.our_weights;
        if (converts_gradient_) {
            gradient_ = make(c, weight.diff_weights_desc());
            gradient_out_ =
                dnnl::reorder(gradient_, dnnl::memory(descs_.our_weights, c.engine, nullptr));
        }
    }

    convolution_descs descs_;
    bool biased_;
    dnnl::convolution_forward forward_;
    dnnl::convolution_backward_data input_;
    dnnl::convolution_backward_weights weight_;
    conversion weights_in_, weights_back_;
    bool converts_gradient_ = false;
    dnnl::memory gradient_;
    dnnl::reorder gradient_out_;
};

} // namespace haiga::device::onednn
