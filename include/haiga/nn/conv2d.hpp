#pragma once

#include "haiga/device/cpu/convolution_gradients.hpp"
#include "haiga/device/cpu/reduce.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/nn/linear.hpp"

#include <algorithm>
#include <limits>

namespace haiga::nn {

struct conv2d_options {
    std::int64_t stride = 1;
    std::int64_t padding = 1;
    std::int64_t extra = 0; ///< padding besides, behind the last row and the last column
};

/// y = x convolved with W, plus b.
///
/// Shapes: x [N, H, W, in], W [k, k, in, out] (checkpoints say [out, in, k, k]), b [out] or none,
///         y [N, H', W', out] with H' = (H + 2 padding + extra - k) / stride + 1.
/// Backward: dx from dy and W, dW from x and dy, db the sums of dy; all assign.
struct conv2d_op {
    static constexpr std::string_view name = "conv2d";
    device::convolution sizes;
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct conv2d_input_gradient {
    static constexpr std::string_view name = "conv2d_input_gradient";
    device::convolution sizes;
};
struct conv2d_weight_gradient {
    static constexpr std::string_view name = "conv2d_weight_gradient";
    device::convolution sizes;
};

namespace detail {

/// Hosts number the elements of a picture, with its margins, by 32 bits.
inline void check_offsets(device::convolution const& c)
{
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    auto const margins = 2 * std::max(c.padding, c.kernel + 1) + c.extra;
    auto const check = [&](std::int64_t h, std::int64_t w, std::int64_t channels) {
        auto const row = shape{w + margins, channels}.checked_elements();
        HAIGA_CHECK(row && *row <= most / (h + margins), "conv2d: a picture [", h, ", ", w, ", ",
                    channels, "] and ", margins, " rows and columns of margins have more than ",
                    most, " elements");
    };
    check(c.h, c.w, c.in_channels);
    check(c.out_h(), c.out_w(), c.out_channels);
}

} // namespace detail

/// Errors: operands that do not fit, kernels beyond 8 x 8, strides beyond 4 and pictures of 2^31 or
///         more elements, counted with their margins, are a caller's bug.
inline auto conv2d(device::graph& g, device::value x, device::value weight,
                   device::value bias = device::value::none, conv2d_options options = {})
    -> device::value
{
    auto const& in = g.shape_of(x);
    auto const& w = g.shape_of(weight);
    HAIGA_CHECK(in.rank() == 4 && w.rank() == 4 && in[3] == w[2] && w[0] == w[1], "conv2d: ", in,
                " with ", w);
    HAIGA_CHECK(w[0] >= 1 && w[0] <= device::convolution::max_kernel && options.stride >= 1 &&
                    options.stride <= 4 && options.padding >= 0 && options.extra >= 0,
                "conv2d: ", w, ", stride ", options.stride, ", padding ", options.padding, " and ",
                options.extra);
    device::convolution const sizes{in[0], in[1],          in[2],           w[2],         w[3],
                                    w[0],  options.stride, options.padding, options.extra};
    auto const margins = 2 * sizes.padding + sizes.extra;
    HAIGA_CHECK(sizes.h + margins >= sizes.kernel && sizes.w + margins >= sizes.kernel,
                "conv2d: ", in, " is smaller than the kernel ", w);
    detail::check_offsets(sizes);
    auto const y = g.activation({in[0], sizes.out_h(), sizes.out_w(), w[3]});
    g.emit(conv2d_op{sizes}, {x, weight, bias}, {y});
    return y;
}

inline void conv2d_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const [x, weight, bias] = std::tuple(r.in[0], r.in[1], r.in[2]);
    auto const dy = back.gradient(r.out[0]);
    auto const sizes = r.attrs.as<conv2d_op>().sizes;
    auto& g = back.traced();
    if (auto const db = back.target(bias); db != device::value::none) {
        g.emit(bias_gradient{}, {dy}, {db});
        back.give(bias, db);
    }
    if (auto const dw = back.target(weight); dw != device::value::none) {
        g.emit(conv2d_weight_gradient{sizes}, {back.saved(x), dy}, {dw});
        back.give(weight, dw);
    }
    if (auto const dx = back.target(x); dx != device::value::none) {
        g.emit(conv2d_input_gradient{sizes}, {dy, weight}, {dx});
        back.give(x, dx);
    }
}

/// A backend that convolves by itself offers convolve(sizes, x, weights, bias, y),
/// convolve_input_gradient(sizes, dy, weights, dx) and convolve_weight_gradient(sizes, x, dy, dw),
/// which say whether they did. Otherwise one-pixel kernels are matrix products, and the implicit
/// products of the host do the rest.
template <device::host_backend B>
void run(B& b, conv2d_op const& op, device::arguments const& args)
{
    auto const [x, weight, bias, y] = std::tuple(args.in[0], args.in[1], args.in[2], args.out[0]);
    if constexpr (requires { b.convolve(op.sizes, x, weight, bias, y); }) {
        if (b.convolve(op.sizes, x, weight, bias, y)) {
            return;
        }
    }
    if (op.sizes.pointwise()) {
        return b.multiply({.how = device::form::nn, .a = x, .b = weight, .bias = bias, .c = y});
    }
    device::with_type(x.type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        device::convolve_on_host(b, op.sizes, static_cast<T const*>(x.data()),
                                 static_cast<C const*>(weight.data()),
                                 static_cast<C const*>(bias.data()), static_cast<T*>(y.data()));
    });
}

template <device::host_backend B>
void run(B& b, conv2d_input_gradient const& op, device::arguments const& args)
{
    auto const [dy, weight, dx] = std::tuple(args.in[0], args.in[1], args.out[0]);
    if constexpr (requires { b.convolve_input_gradient(op.sizes, dy, weight, dx); }) {
        if (b.convolve_input_gradient(op.sizes, dy, weight, dx)) {
            return;
        }
    }
    if (op.sizes.pointwise()) {
        return b.multiply({.how = device::form::nt, .a = dy, .b = weight, .c = dx});
    }
    device::with_type(dy.type(), [&]<class T>(T) {
        device::convolve_input_gradient_on_host(
            b, op.sizes, static_cast<T const*>(dy.data()),
            static_cast<device::compute_t<T> const*>(weight.data()), static_cast<T*>(dx.data()));
    });
}

template <device::host_backend B>
void run(B& b, conv2d_weight_gradient const& op, device::arguments const& args)
{
    auto const [x, dy, dw] = std::tuple(args.in[0], args.in[1], args.out[0]);
    if constexpr (requires { b.convolve_weight_gradient(op.sizes, x, dy, dw); }) {
        if (b.convolve_weight_gradient(op.sizes, x, dy, dw)) {
            return;
        }
    }
    if (op.sizes.pointwise()) {
        return b.multiply({.how = device::form::tn, .a = x, .b = dy, .c = dw});
    }
    device::with_type(x.type(), [&]<class T>(T) {
        device::convolve_weight_gradient_on_host(b, op.sizes, static_cast<T const*>(x.data()),
                                                 static_cast<T const*>(dy.data()),
                                                 static_cast<device::compute_t<T>*>(dw.data()));
    });
}

} // namespace haiga::nn
