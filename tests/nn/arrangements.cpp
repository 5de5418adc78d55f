#include "haiga/nn/add_per_sample.hpp"
#include "haiga/nn/concat.hpp"
#include "haiga/nn/repeat_batch.hpp"
#include "haiga/nn/upsample_nearest.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using arranging_ops =
    device::op_list<device::add_op, nn::add_per_sample_op, nn::sum_per_sample_op, nn::concat_op,
                    nn::slice_op, nn::repeat_batch_op, nn::repeat_batch_gradient,
                    nn::upsample_nearest_op, nn::upsample_nearest_gradient>;

auto const added = []<class N>(tensor<N> const& x, tensor<N> const& e) {
    auto const channels = x.shape()[-1];
    auto const a_sample = x.elements() / x.shape()[0];
    tensor<N> y(x.shape());
    for (std::int64_t i = 0; i < x.elements(); ++i) {
        auto const at = static_cast<std::size_t>(i);
        y.flat()[at] = x.flat()[at] + e(i / a_sample, i % channels);
    }
    return y;
};

auto const summed = []<class N>(tensor<N> const& a, tensor<N> const& b) {
    tensor<N> y(a.shape());
    for (std::size_t i = 0; i < y.flat().size(); ++i) {
        y.flat()[i] = a.flat()[i] + b.flat()[i];
    }
    return y;
};

auto const joined = []<class N>(tensor<N> const& a, tensor<N> const& b) {
    auto const [left, right] = std::pair(a.shape()[-1], b.shape()[-1]);
    auto const rows = a.elements() / left;
    tensor<N> y({rows, left + right});
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < left + right; ++c) {
            y(r, c) = c < left ? a.flat()[static_cast<std::size_t>(r * left + c)]
                               : b.flat()[static_cast<std::size_t>(r * right + c - left)];
        }
    }
    return y;
};

/// Without a last row or column where `less_high` or `less_wide` is 1.
template <int less_high, int less_wide>
auto const enlarged = []<class N>(tensor<N> const& x) {
    auto const& s = x.shape();
    tensor<N> y({s[0], 2 * s[1] - less_high, 2 * s[2] - less_wide, s[3]});
    for (std::int64_t n = 0; n < s[0]; ++n) {
        for (std::int64_t h = 0; h < y.shape()[1]; ++h) {
            for (std::int64_t w = 0; w < y.shape()[2]; ++w) {
                for (std::int64_t c = 0; c < s[3]; ++c) {
                    y(n, h, w, c) = x(n, h / 2, w / 2, c);
                }
            }
        }
    }
    return y;
};

auto const repeated = []<class N>(tensor<N> const& x) {
    tensor<N> y({3, x.elements()});
    for (std::int64_t n = 0; n < 3; ++n) {
        for (std::int64_t i = 0; i < x.elements(); ++i) {
            y(n, i) = x.flat()[static_cast<std::size_t>(i)];
        }
    }
    return y;
};

template <class F, class... Operands>
void check_arranged(F const& formula, auto const& trace, Operands const&... operands)
{
    // a gradient is a single number, or a sum of four that may cancel
    check_op(arranging_ops{}, trace, formula, {.terms = {0, 1}}, operands...);
}

auto const traced_add = [](device::graph& g, auto... in) { return nn::add_per_sample(g, in...); };
auto const traced_sum = [](device::graph& g, auto... in) { return device::add(g, in...); };
auto const traced_join = [](device::graph& g, auto... in) { return nn::concat(g, in...); };
auto const traced_enlarge = [](device::graph& g, auto x) { return nn::upsample_nearest(g, x); };
template <int less_high, int less_wide>
auto const traced_to_size = [](device::graph& g, auto x) {
    auto const& s = g.shape_of(x);
    return nn::upsample_nearest(g, x, 2 * s[1] - less_high, 2 * s[2] - less_wide);
};
auto const traced_repeat = [](device::graph& g, auto x) { return nn::repeat_batch(g, x, 3); };

} // namespace

TEST_CASE("the formulas' gradients are their central differences")
{
    check_central_differences(added, activation({2, 3, 2}), activation({2, 2}));
    check_central_differences(summed, activation({2, 3}), activation({2, 3}));
    check_central_differences(joined, activation({2, 3}), activation({2, 2}));
    check_central_differences(enlarged<0, 0>, activation({1, 2, 1, 2}));
    check_central_differences(enlarged<1, 0>, activation({1, 2, 1, 2}));
    check_central_differences(repeated, parameter({2, 3}));
}

TEST_CASE("a vector is added to all pixels of its sample")
{
    check_arranged(added, traced_add, activation({3, 5, 7, 11}), activation({3, 11}));
    check_arranged(added, traced_add, activation({2, 37, 31, 16}), activation({2, 16}));
    check_arranged(added, traced_add, activation({1, 3, 1030}), activation({1, 1030}));
}

TEST_CASE("arrays of one shape are added element by element")
{
    check_arranged(summed, traced_sum, activation({3, 5, 7, 11}), activation({3, 5, 7, 11}));
    check_arranged(summed, traced_sum, activation({1, 1030}), activation({1, 1030}));
}

TEST_CASE("concat puts channels side by side, and its gradients are slices")
{
    check_arranged(joined, traced_join, activation({2, 5, 3, 7}), activation({2, 5, 3, 4}));
    check_arranged(joined, traced_join, activation({61, 300}), activation({61, 1}));
}

TEST_CASE("nearest upsampling repeats pixels, and its gradient sums them")
{
    check_arranged(enlarged<0, 0>, traced_enlarge, activation({2, 3, 5, 7}));
    check_arranged(enlarged<0, 0>, traced_enlarge, activation({1, 1, 1, 1}));
    check_arranged(enlarged<0, 0>, traced_enlarge, activation({2, 9, 7, 130}));
}

TEST_CASE("nearest upsampling leads back to the odd size that was halved")
{
    check_arranged(enlarged<1, 1>, traced_to_size<1, 1>, activation({2, 3, 5, 7}));
    check_arranged(enlarged<1, 0>, traced_to_size<1, 0>, activation({2, 5, 3, 7}));
    check_arranged(enlarged<0, 1>, traced_to_size<0, 1>, activation({3, 1, 4, 33}));
}

TEST_CASE("repeating a batch converts, and its gradient sums in the parameter's type")
{
    check_arranged(repeated, traced_repeat, parameter({5, 13}));
    check_arranged(repeated, traced_repeat, activation({5, 3301}));
}

TEST_CASE("arrangements refuse shapes that do not fit")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 3, 5});
    auto const y = g.input(dtype::f32, {3, 3, 5});
    CHECK_THROWS_AS(nn::concat(g, x, y), contract_violation);
    CHECK_THROWS_AS(nn::add_per_sample(g, x, y), contract_violation);
    CHECK_THROWS_AS(nn::upsample_nearest(g, x), contract_violation);
    auto const picture = g.input(dtype::f32, {2, 3, 5, 7});
    CHECK_THROWS_AS(nn::upsample_nearest(g, picture, 6, 11), contract_violation);
}
