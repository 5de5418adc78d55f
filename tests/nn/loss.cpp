#include "haiga/nn/loss.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using loss_ops = device::op_list<nn::mse_loss_op, nn::mse_loss_gradient>;

auto const weighted = []<class N>(tensor<N> const& x, tensor<N> const& y,
                                  tensor<N> const& weights) {
    auto const size = x.elements() / x.shape()[0];
    tensor<N> loss({1});
    for (std::int64_t i = 0; i < x.elements(); ++i) {
        auto const d =
            x.flat()[static_cast<std::size_t>(i)] - y.flat()[static_cast<std::size_t>(i)];
        loss(0) += weights(i / size) * d * d / N(static_cast<double>(x.elements()));
    }
    return loss;
};
auto const traced_loss = [](device::graph& g, auto... in) { return nn::mse_loss(g, in...); };

void check_loss(shape dims)
{
    auto const weights = constant({dims[0]}, 1, 0.1);
    check_op(loss_ops{}, traced_loss, weighted, {}, activation(dims, 1), activation(dims), weights);
    auto target = constant(dims); // f32, whatever the graph stores
    check_op(loss_ops{}, traced_loss, weighted, {}, activation(dims, 1), target, weights);
}

} // namespace

TEST_CASE("the weighted mean square and its gradients are the formula's")
{
    check_central_differences(weighted, activation({2, 3}, 1), activation({2, 3}),
                              constant({2}, 1, 0.1));
    check_loss({1, 1});
    check_loss({3, 5, 7, 3});
    check_loss({3, 129, 131}); // 16899 elements a sample, and 16384 a piece
}
