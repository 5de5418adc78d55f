#include "haiga/nn/geglu.hpp"
#include "haiga/nn/gelu.hpp"
#include "haiga/nn/quick_gelu.hpp"
#include "haiga/nn/silu.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;

using activation_ops =
    device::op_list<nn::silu_op, nn::silu_gradient, nn::gelu_op, nn::gelu_gradient, nn::geglu_op,
                    nn::geglu_gradient, nn::quick_gelu_op, nn::quick_gelu_gradient>;

template <class N>
auto gelu_of(N x) -> N
{
    using std::erf;
    return x * (N(1) + erf(x / N(std::sqrt(2.0)))) / N(2);
}

/// x / (1 + e^(-slope x))
auto swish(double slope)
{
    return [slope]<class N>(tensor<N> const& x) {
        using std::exp;
        tensor<N> y(x.shape());
        for (std::size_t i = 0; i < y.flat().size(); ++i) {
            y.flat()[i] = x.flat()[i] / (N(1) + exp(N(-slope) * x.flat()[i]));
        }
        return y;
    };
}

auto const silu = swish(1);
auto const quick_gelu = swish(1.702);

auto const gelu = []<class N>(tensor<N> const& x) {
    tensor<N> y(x.shape());
    for (std::size_t i = 0; i < y.flat().size(); ++i) {
        y.flat()[i] = gelu_of(x.flat()[i]);
    }
    return y;
};

auto const geglu = []<class N>(tensor<N> const& x) {
    auto const n = x.shape()[-1] / 2;
    tensor<N> y({x.elements() / (2 * n), n});
    for (std::int64_t r = 0; r < y.shape()[0]; ++r) {
        for (std::int64_t c = 0; c < n; ++c) {
            auto const at = static_cast<std::size_t>(r * 2 * n + c);
            y(r, c) = x.flat()[at] * gelu_of(x.flat()[at + static_cast<std::size_t>(n)]);
        }
    }
    return y;
};

auto const traced_silu = [](device::graph& g, device::value x) { return nn::silu(g, x); };
auto const traced_gelu = [](device::graph& g, device::value x) { return nn::gelu(g, x); };
auto const traced_quick = [](device::graph& g, device::value x) { return nn::quick_gelu(g, x); };
auto const traced_geglu = [](device::graph& g, device::value x) { return nn::geglu(g, x); };

/// f and its gradient of f32 numbers that an op was traced for.
template <class Trace>
auto value_and_slope(Trace const& trace, std::vector<double> const& x)
    -> std::pair<std::vector<double>, std::vector<double>>
{
    auto const dims = shape{static_cast<std::int64_t>(x.size())};
    std::array const operands{activation(dims)};
    auto t = trace_op(
        dtype::f32, [&](device::graph& g, auto in) { return trace(g, in[0]); }, operands);
    t.values[0] = x;
    std::fill(t.seed_values.begin(), t.seed_values.end(), 1.0);
    device::cpu_native b;
    auto const results = run_traced(b, t, activation_ops{});
    return {decode(results[0], dtype::f32), decode(results[1], dtype::f32)};
}

} // namespace

TEST_CASE("the formulas' gradients are their central differences")
{
    check_central_differences(silu, activation({7}));
    check_central_differences(gelu, activation({7}));
    check_central_differences(quick_gelu, activation({7}));
    check_central_differences(geglu, activation({3, 6}));
}

TEST_CASE("SiLU, GELU, its quick form and GEGLU and their gradients are the formulas'")
{
    check_op(activation_ops{}, traced_silu, silu, {}, activation({3, 5, 1117}, 0, 3));
    check_op(activation_ops{}, traced_gelu, gelu, {}, activation({3, 5, 1117}, 0, 3));
    check_op(activation_ops{}, traced_quick, quick_gelu, {}, activation({3, 5, 1117}, 0, 3));
    check_op(activation_ops{}, traced_geglu, geglu, {}, activation({3, 5, 26}, 0, 2));
    check_op(activation_ops{}, traced_geglu, geglu, {}, activation({37, 514}, 0, 2));
}

TEST_CASE("activations end where they should")
{
    std::vector<double> const far{-3e38, -1e4, -100, -10, 0, 10, 100, 1e4, 3e38};
    for (auto const& [y, slope] :
         {value_and_slope(traced_silu, far), value_and_slope(traced_gelu, far),
          value_and_slope(traced_quick, far)}) {
        for (std::size_t i = 0; i < far.size(); ++i) {
            auto const wanted = std::max(far[i], 0.0);
            // silu(10) = 10 - 4.54e-4, and both slopes at 10 are 1 to 5e-4
            CHECK(y[i] == doctest::Approx(wanted).epsilon(5e-4));
            auto const wanted_slope = far[i] == 0 ? 0.5 : far[i] > 0 ? 1.0 : 0.0;
            CHECK(slope[i] == doctest::Approx(wanted_slope).epsilon(5e-4));
        }
    }
}
