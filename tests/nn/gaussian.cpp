#include "haiga/nn/sample_gaussian.hpp"
#include "haiga/nn/scale_shift.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using gaussian_ops =
    device::op_list<nn::sample_gaussian_op, nn::sample_gaussian_gradient, nn::scale_shift_op>;

/// mean + noise e^(v / 2), v held within [-30, 20].
auto const sampled = []<class N>(tensor<N> const& moments, tensor<N> const& noise) {
    using std::exp;
    auto const n = noise.shape()[-1];
    tensor<N> z(noise.shape());
    for (std::int64_t i = 0; i < z.elements(); ++i) {
        auto const mean = moments.flat()[static_cast<std::size_t>(i / n * 2 * n + i % n)];
        auto v = moments.flat()[static_cast<std::size_t>((i / n * 2 + 1) * n + i % n)];
        v = v < N(-30.0) ? N(-30.0) : N(20.0) < v ? N(20.0) : v;
        auto const at = static_cast<std::size_t>(i);
        z.flat()[at] = mean + noise.flat()[at] * exp(v / N(2.0));
    }
    return z;
};
auto const traced_sample = [](device::graph& g, device::value moments, device::value noise) {
    return nn::sample_gaussian(g, moments, noise);
};

} // namespace

TEST_CASE("latents are drawn from their moments")
{
    check_central_differences(sampled, activation({2, 3, 4}), activation({2, 3, 2}));
    // the noise is of the storage type, so it is an input whose gradient nobody asks for
    for (auto const spread : {1.0, 25.0}) { // with 25 some logarithms are beyond their bounds
        for (auto const storage : {dtype::f64, dtype::f32, dtype::bf16}) {
            std::array const operands{
                activation({3, 5, 7, 8}, 0, spread),
                operand{.how = operand::kind::constant, .shape = {3, 5, 7, 4}, .type = storage}};
            auto const t = trace_op(
                storage, [](device::graph& g, auto in) { return traced_sample(g, in[0], in[1]); },
                operands);
            auto const wanted = evaluate(formula::of<2>(sampled), operands, t.values,
                                         [&](shape) { return t.seed_values; });
            check_on<device::cpu_native>(t, gaussian_ops{}, wanted, tolerance_of(storage));
            check_on<device::cpu_eigen>(t, gaussian_ops{}, wanted, tolerance_of(storage));
        }
    }
}

TEST_CASE("latents are scaled and shifted")
{
    auto const scaled = []<class N>(tensor<N> const& x) {
        tensor<N> y(x.shape());
        for (std::size_t i = 0; i < y.flat().size(); ++i) {
            y.flat()[i] = N(0.18215) * x.flat()[i] + N(-0.1);
        }
        return y;
    };
    check_op(
        gaussian_ops{},
        [](device::graph& g, device::value x) { return nn::scale_shift(g, x, 0.18215, -0.1); },
        scaled, {}, activation({3, 5, 7, 11}));
}

TEST_CASE("moments are as many again as the noise")
{
    device::graph g;
    auto const moments = g.input(dtype::f32, {2, 3, 8});
    auto const noise = g.input(dtype::f32, {2, 3, 3});
    CHECK_THROWS_AS(nn::sample_gaussian(g, moments, noise), contract_violation);
}
