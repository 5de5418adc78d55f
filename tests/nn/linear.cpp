#include "haiga/nn/linear.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using linear_ops = device::op_list<nn::linear_op, nn::linear_input_gradient,
                                   nn::linear_weight_gradient, nn::bias_gradient>;

auto const product = []<class N>(tensor<N> const& x, tensor<N> const& w) {
    auto const rows = x.elements() / w.shape()[0];
    auto const [in, out] = std::pair(w.shape()[0], w.shape()[1]);
    tensor<N> y({rows, out});
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t o = 0; o < out; ++o) {
            for (std::int64_t i = 0; i < in; ++i) {
                y(r, o) += x.flat()[static_cast<std::size_t>(r * in + i)] * w(i, o);
            }
        }
    }
    return y;
};
auto const product_and_bias = []<class N>(tensor<N> const& x, tensor<N> const& w,
                                          tensor<N> const& b) {
    auto y = product(x, w);
    for (std::size_t i = 0; i < y.flat().size(); ++i) {
        y.flat()[i] += b.flat()[i % b.flat().size()];
    }
    return y;
};
auto const traced_linear = [](device::graph& g, auto... operands) {
    return nn::linear(g, operands...);
};

} // namespace

TEST_CASE("linear is x W + b, and its gradients are the formula's")
{
    check_central_differences(product_and_bias, activation({2, 2, 3}), parameter({3, 5}),
                              parameter({5}));
    check_op(linear_ops{}, traced_linear, product_and_bias, {}, activation({3, 7, 13}),
             parameter({13, 11}), parameter({11}));
    check_op(linear_ops{}, traced_linear, product, {}, activation({5, 9}), parameter({9, 17}));
    check_op(linear_ops{}, traced_linear, product_and_bias,
             {.terms = {1}}, // which may cancel the bias
             activation({1, 1}), parameter({1, 1}), parameter({1}));
}

TEST_CASE("linear goes on over blocks of every size")
{
    // one more than the rows, the columns and the inner dimension of a task
    check_op(linear_ops{}, traced_linear, product_and_bias, {}, activation({97, 5}),
             parameter({5, 257}), parameter({257}));
    check_op(linear_ops{}, traced_linear, product, {}, activation({3, 385}), parameter({385, 9}));
}

TEST_CASE("linear refuses operands that do not fit")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 3});
    auto const w = g.parameter({.name = "w", .shape = {4, 5}});
    CHECK_THROWS_AS(nn::linear(g, x, w), contract_violation);
}
