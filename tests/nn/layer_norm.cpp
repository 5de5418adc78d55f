#include "haiga/nn/layer_norm.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using layer_norm_ops = device::op_list<nn::layer_norm_op, nn::layer_norm_gradient>;

constexpr double eps = 1e-3;

auto const layer_normed = []<class N>(tensor<N> const& x, tensor<N> const& gamma,
                                      tensor<N> const& beta) {
    using std::sqrt;
    auto const n = x.shape()[-1];
    auto const at = [&](std::int64_t r, std::int64_t c) {
        return static_cast<std::size_t>(r * n + c);
    };
    auto const count = N(static_cast<double>(n));
    tensor<N> y(x.shape());
    for (std::int64_t r = 0; r < x.elements() / n; ++r) {
        N mean = 0;
        N variance = 0;
        for (std::int64_t c = 0; c < n; ++c) {
            mean += x.flat()[at(r, c)] / count;
        }
        for (std::int64_t c = 0; c < n; ++c) {
            auto const d = x.flat()[at(r, c)] - mean;
            variance += d * d / count;
        }
        for (std::int64_t c = 0; c < n; ++c) {
            auto const i = at(r, c);
            y.flat()[i] = (x.flat()[i] - mean) / sqrt(variance + N(eps)) * gamma(c) + beta(c);
        }
    }
    return y;
};
auto const traced_layer_norm = [](device::graph& g, auto... operands) {
    return nn::layer_norm(g, operands..., eps);
};

void check_layer_norm(shape dims, double mean = 0)
{
    // dx is what two projections leave of dy: twice the error. The other gradients are sums of
    // rows.
    auto const rows = static_cast<double>(dims.elements() / dims[-1]);
    check_options const how{.looser = 2, .terms = {0, 0, rows, rows}};
    check_op(layer_norm_ops{}, traced_layer_norm, layer_normed, how, activation(dims, mean),
             parameter({dims[-1]}, 1), parameter({dims[-1]}));
}

} // namespace

TEST_CASE("layer norm and its gradients are the formula's")
{
    check_central_differences(layer_normed, activation({2, 3, 5}, 1), parameter({5}, 1),
                              parameter({5}));
    check_layer_norm({3, 7, 13}, 0.5);
    check_layer_norm({1, 31}, 1);
    check_layer_norm({5, 64}, 0);
    check_layer_norm({3, 11, 321}, 1);
}

TEST_CASE("layer norm goes on over pieces of rows")
{
    check_layer_norm({1030, 17}); // 963 rows a piece
}

TEST_CASE("layer norm refuses scales of another width")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 3});
    auto const gamma = g.parameter({.name = "gamma", .shape = {4}});
    CHECK_THROWS_AS(nn::layer_norm(g, x, gamma, gamma), contract_violation);
}
