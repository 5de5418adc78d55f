#include "haiga/nn/conv2d.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using convolution_ops = device::op_list<nn::conv2d_op, nn::conv2d_input_gradient,
                                        nn::conv2d_weight_gradient, nn::bias_gradient>;

auto traced_conv2d(nn::conv2d_options options)
{
    return [=](device::graph& g, device::value x, device::value w,
               device::value bias = device::value::none) {
        return nn::conv2d(g, x, w, bias, options);
    };
}

/// f(y, x, w) for every term of the sum that an output is: positions of its factors.
template <class F>
void for_each_term(shape const& y, shape const& x, shape const& w, nn::conv2d_options o, F const& f)
{
    auto const from = [](shape const& s, std::int64_t a, std::int64_t b, std::int64_t c) {
        return ((a * s[1] + b) * s[2] + c) * s[3];
    };
    for (std::int64_t n = 0; n < y[0]; ++n) {
        for (std::int64_t i = 0; i < y[1] * y[2] * w[0] * w[1]; ++i) {
            auto const [tap, pixel] = std::pair(i % (w[0] * w[1]), i / (w[0] * w[1]));
            auto const row = pixel / y[2] * o.stride + tap / w[1] - o.padding;
            auto const column = pixel % y[2] * o.stride + tap % w[1] - o.padding;
            if (row >= 0 && row < x[1] && column >= 0 && column < x[2]) {
                f(from(y, n, pixel / y[2], pixel % y[2]), from(x, n, row, column),
                  from(w, tap / w[1], tap % w[1], 0));
            }
        }
    }
}

/// Dumoulin and Visin 2016, arXiv:1603.07285, 2: a sum over the window that an output sees.
auto convolved(nn::conv2d_options o)
{
    return [=]<class N>(tensor<N> const& x, tensor<N> const& w, auto const&... bias) {
        auto const in = w.shape()[2];
        auto const out = w.shape()[3];
        auto const beyond = 2 * o.padding + o.extra - w.shape()[0];
        tensor<N> y({x.shape()[0], (x.shape()[1] + beyond) / o.stride + 1,
                     (x.shape()[2] + beyond) / o.stride + 1, out});
        auto const element = [](auto& t, std::int64_t i) -> auto&
        {
            return t.flat()[static_cast<std::size_t>(i)];
        };
        for (std::int64_t i = 0; i < y.elements(); ++i) {
            ((element(y, i) = element(bias, i % out)), ...);
        }
        for_each_term(y.shape(), x.shape(), w.shape(), o, [&](auto to, auto from, auto weight) {
            for (std::int64_t i = 0; i < in * out; ++i) {
                element(y, to + i % out) += element(x, from + i / out) * element(w, weight + i);
            }
        });
        return y;
    };
}

/// All types, all backends, forward and backward. Every result is a chain of up to 2000 additions,
/// each rounded: tolerances are twice those of every op, and a lone result may cancel.
void check_conv2d(device::convolution const& c, bool biased)
{
    INFO("x [", c.n, ", ", c.h, ", ", c.w, ", ", c.in_channels, "] -> ", c.out_channels,
         ", kernel ", c.kernel, ", stride ", c.stride, ", padding ", c.padding, " and ", c.extra,
         ", biased ", biased);
    nn::conv2d_options const o{c.stride, c.padding, c.extra};
    auto const x = activation({c.n, c.h, c.w, c.in_channels});
    auto const w = parameter({c.kernel, c.kernel, c.in_channels, c.out_channels});
    auto const taps = static_cast<double>(c.kernel * c.kernel);
    auto const pixels = static_cast<double>(c.n * c.out_h() * c.out_w());
    check_options const how{.looser = 2,
                            .terms = {taps * static_cast<double>(c.in_channels),
                                      taps * static_cast<double>(c.out_channels), pixels, pixels}};
    if (biased) {
        check_op(convolution_ops{}, traced_conv2d(o), convolved(o), how, x, w,
                 parameter({c.out_channels}));
    } else {
        check_op(convolution_ops{}, traced_conv2d(o), convolved(o), how, x, w);
    }
}

/// Odd heights and widths and any padding that leaves no window empty, at a cost in bounds.
auto random_sizes(philox_sequence& random, std::int64_t kernel, std::int64_t stride,
                  std::int64_t in, std::int64_t out) -> device::convolution
{
    constexpr double most_operations = 4e5; // the formula remembers each of them
    for (std::uint32_t largest = 7;; largest = std::max(1U, largest - 1)) {
        device::convolution const c{.n = 1 + random.below(3),
                                    .h = 1 + 2 * random.below(largest),
                                    .w = 1 + 2 * random.below(largest),
                                    .in_channels = in,
                                    .out_channels = out,
                                    .kernel = kernel,
                                    .stride = stride,
                                    .padding = random.below(static_cast<std::uint32_t>(kernel))};
        if (std::min(c.h, c.w) + 2 * c.padding >= kernel && c.operations() <= most_operations) {
            return c;
        }
    }
}

} // namespace

TEST_CASE("the formula's gradients are its central differences")
{
    check_central_differences(convolved({1, 1}), activation({2, 3, 5, 2}), parameter({3, 3, 2, 3}),
                              parameter({3}));
    check_central_differences(convolved({2, 0}), activation({1, 5, 7, 3}), parameter({3, 3, 3, 1}));
    check_central_differences(convolved({3, 4}), activation({1, 3, 5, 1}), parameter({5, 5, 1, 2}));
}

TEST_CASE("a convolution and its gradients are the formula's, for kernels and strides of all sizes")
{
    // all pairs of channels, and with them all pairs of kernel and stride
    constexpr std::array<std::int64_t, 5> channels{1, 8, 9, 24, 40};
    auto random = philox{test_seed(), 2}.at(0, 0);
    for (std::size_t i = 0; i < channels.size() * channels.size(); ++i) {
        auto const kernel = static_cast<std::int64_t>(1 + 2 * (i % 4));
        auto const stride = static_cast<std::int64_t>(1 + i / 4 % 4);
        check_conv2d(random_sizes(random, kernel, stride, channels[i % 5], channels[i / 5]),
                     i % 2 == 0);
    }
}

TEST_CASE("a convolution goes on over tasks of every kind")
{
    check_conv2d({1, 33, 35, 2, 3, 3, 1, 1}, true);   // rows of a picture in several tasks
    check_conv2d({7, 5, 5, 3, 4, 3, 2, 1}, true);     // and pictures that share one
    check_conv2d({1, 1, 401, 3, 2, 3, 1, 1}, false);  // a row longer than a task
    check_conv2d({1, 3, 5, 9, 130, 3, 1, 1}, true);   // channels in several tasks
    check_conv2d({1, 3, 3, 180, 9, 3, 1, 1}, true);   // a row of taps too long to stay in cache
    check_conv2d({2, 67, 129, 65, 1, 1, 4, 0}, true); // more padded pixels than one round takes
}

TEST_CASE("a convolution of many channels and its gradients are the formula's")
{
    // by minimal filtering, whose rounding the tolerances allow for
    check_conv2d({2, 5, 6, 32, 32, 3, 1, 1}, true);
    check_conv2d({1, 4, 7, 48, 32, 3, 1, 1}, false);
    check_conv2d({1, 7, 5, 32, 48, 3, 1, 0}, true);
    check_conv2d({1, 3, 3, 32, 64, 3, 1, 2}, true);
}

TEST_CASE("a convolution of whole tiles of channels and its gradients are the formula's")
{
    // where the processor multiplies bf16 in tiles of 16 rows, 32 deep
    check_conv2d({2, 3, 5, 32, 33, 3, 1, 1}, true);
    check_conv2d({1, 7, 6, 352, 3, 3, 1, 1}, true);   // deeper than a block
    check_conv2d({1, 2, 3, 32, 290, 3, 1, 1}, false); // channels in several tasks
    check_conv2d({1, 33, 35, 32, 1, 3, 1, 1}, true);  // positions in several tasks
    check_conv2d({9, 9, 9, 32, 2, 3, 1, 1}, true);    // and pictures that share one
    check_conv2d({1, 6, 9, 32, 17, 3, 2, 1}, true);
    check_conv2d({1, 4, 5, 64, 20, 5, 1, 2}, false);
    check_conv2d({1, 5, 6, 32, 4, 3, 1, 0, 1}, true);
    check_conv2d({1, 3, 4, 40, 64, 3, 1, 1}, true); // the gradient of the input alone
}

TEST_CASE("padding may stand behind the last row and column alone")
{
    check_conv2d({2, 8, 6, 3, 5, 3, 2, 0, 1}, true); // as an autoencoder halves pictures
    check_conv2d({1, 34, 36, 9, 8, 3, 2, 0, 1}, true);
    check_conv2d({1, 7, 9, 2, 3, 3, 2, 0, 1}, false); // which odd ones need not
    check_conv2d({1, 5, 6, 2, 3, 3, 1, 1, 2}, true);
    check_conv2d({1, 4, 5, 3, 2, 1, 1, 0, 1}, true); // a row and a column of the bias alone
    check_conv2d({1, 2, 1, 2, 2, 3, 3, 0, 3}, false);
}

TEST_CASE("one pixel a window, and windows that see nothing but padding")
{
    check_conv2d({2, 5, 7, 9, 24, 1, 1, 0}, true); // a matrix product
    check_conv2d({1, 3, 5, 3, 2, 1, 1, 1}, true);
    check_conv2d({1, 3, 3, 2, 3, 3, 2, 4}, false);
    check_conv2d({1, 1, 1, 8, 8, 7, 1, 3}, true);
}

TEST_CASE_TEMPLATE("no convolution lays its windows out in columns", B, device::cpu_native,
                   device::cpu_eigen)
{
    constexpr std::int64_t size = 64;
    constexpr std::int64_t channels = 32;
    constexpr std::size_t columns = 3 * 3 * size * size * channels * sizeof(float);
    std::array const operands{activation({1, size, size, channels}),
                              parameter({3, 3, channels, channels})};
    auto const t = trace_op(
        dtype::f32, [](device::graph& g, auto in) { return nn::conv2d(g, in[0], in[1]); },
        operands);
    B b(parallelism{2});
    run_traced(
        b, t,
        device::op_list<nn::conv2d_op, nn::conv2d_input_gradient, nn::conv2d_weight_gradient>{});
    CHECK(b.scratch_bytes() > 0);
    // inputs of minimal filtering, a quarter of what columns take (and never more than 6 MiB), and
    // what tasks of two threads hold of weights and sums
    CHECK(b.scratch_bytes() < columns / 4 + 2 * (610U << 10U));
}

TEST_CASE("conv2d refuses operands that do not fit")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {1, 5, 7, 3});
    auto const weights = [&](shape dims) { return g.parameter({.name = "w", .shape = dims}); };
    auto const refuses = [&](device::value w, nn::conv2d_options o = {}) {
        CHECK_THROWS_AS(nn::conv2d(g, x, w, device::value::none, o), contract_violation);
    };
    refuses(weights({3, 3, 4, 2}));
    refuses(weights({3, 5, 3, 2}));
    refuses(weights({9, 9, 3, 2}), {1, 4});
    refuses(weights({7, 7, 3, 2}), {1, 0});
    refuses(weights({3, 3, 3, 2}), {0, 1});
    refuses(weights({3, 3, 3, 2}), {5, 1});
    refuses(weights({3, 3, 3, 2}), {1, -1});
    refuses(weights({0, 0, 3, 2}));
}

TEST_CASE("conv2d refuses pictures that hosts cannot number the elements of")
{
    device::graph g;
    auto const y_of = [&](shape x, shape w) {
        return nn::conv2d(g, g.input(dtype::bf16, x), g.parameter({.name = "w", .shape = w}),
                          device::value::none, {1, w[0] / 2});
    };
    auto const refuses = [&](shape x, shape w) {
        CHECK_THROWS_WITH_AS(y_of(x, w), doctest::Contains("more than 2147483647 elements"),
                             contract_violation);
    };
    // a kernel of 3 has margins of 8 rows and columns: 8184 + 8 = 2^13, and 2^13 * 2^13 * 32 = 2^31
    CHECK(g.shape_of(y_of({1000, 8184, 8183, 32}, {3, 3, 32, 32})) == shape{1000, 8184, 8183, 32});
    refuses({1, 8184, 8184, 32}, {3, 3, 32, 4});
    refuses({1, 8184, 8184, 4}, {3, 3, 4, 32});
    refuses({1, 1, 1LL << 40, 3}, {1, 1, 3, 3});
    refuses({1, 1LL << 31, 1LL << 31, 1LL << 31}, {3, 3, 1LL << 31, 1});
}
