#include "haiga/nn/group_norm.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using group_norm_ops = device::op_list<nn::group_stats, nn::group_apply, nn::group_gradient>;

template <class N>
auto silu_of(N z) -> N
{
    using std::exp;
    return z / (N(1) + exp(-z));
}

auto traced_group_norm(nn::group_norm_options options)
{
    return
        [=](device::graph& g, auto... operands) { return nn::group_norm(g, operands..., options); };
}

/// Wu and He 2018, eq. 1 to 5.
auto group_normed(nn::group_norm_options options)
{
    return [=]<class N>(tensor<N> const& x, tensor<N> const& gamma, tensor<N> const& beta) {
        using std::sqrt;
        auto const samples = x.shape()[0];
        auto const channels = x.shape()[-1];
        auto const pixels = x.elements() / (samples * channels);
        auto const a_group = channels / options.groups;
        auto const at = [&](std::int64_t n, std::int64_t p, std::int64_t c) {
            return static_cast<std::size_t>((n * pixels + p) * channels + c);
        };
        tensor<N> y(x.shape());
        auto const for_group = [&](std::int64_t n, std::int64_t g, auto const& f) {
            for (std::int64_t p = 0; p < pixels; ++p) {
                for (auto c = g * a_group; c < (g + 1) * a_group; ++c) {
                    f(at(n, p, c), static_cast<std::size_t>(c));
                }
            }
        };
        for (std::int64_t n = 0; n < samples; ++n) {
            for (std::int64_t g = 0; g < options.groups; ++g) {
                N mean = 0;
                N variance = 0;
                auto const count = N(static_cast<double>(pixels * a_group));
                for_group(n, g, [&](auto i, auto) { mean += x.flat()[i] / count; });
                for_group(n, g, [&](auto i, auto) {
                    auto const d = x.flat()[i] - mean;
                    variance += d * d / count;
                });
                for_group(n, g, [&](auto i, auto c) {
                    auto const z =
                        (x.flat()[i] - mean) / sqrt(variance + N(options.eps)) * gamma.flat()[c] +
                        beta.flat()[c];
                    y.flat()[i] = options.silu ? silu_of(z) : z;
                });
            }
        }
        return y;
    };
}

/// The gradients of gamma and beta are sums over all pixels; a lone one may cancel.
void check_group_norm(nn::group_norm_options options, shape dims, double mean = 0,
                      check_options how = {})
{
    auto const pixels = static_cast<double>(dims.elements() / dims[-1]);
    how.terms = {0, 0, pixels, pixels};
    check_op(group_norm_ops{}, traced_group_norm(options), group_normed(options), how,
             activation(dims, mean), parameter({dims[-1]}, 1), parameter({dims[-1]}));
}

} // namespace

TEST_CASE("the formula's gradients are its central differences")
{
    for (bool const active : {false, true}) {
        check_central_differences(group_normed({.groups = 2, .silu = active}),
                                  activation({2, 3, 6}, 1), parameter({6}, 1), parameter({6}));
    }
}

TEST_CASE("group norm, with and without SiLU, and its gradients are the formula's")
{
    // dx is what two projections leave of dz: twice the error, and far more in tiny groups
    for (bool const active : {false, true}) {
        check_group_norm({.groups = 3, .silu = active}, {3, 5, 7, 15}, 0.5, {.looser = 2});
        check_group_norm({.groups = 1, .silu = active}, {1, 17, 1}, 0, {.looser = 2});
        check_group_norm({.groups = 4, .eps = 1e-3, .silu = active}, {2, 1, 52}, 0, {.looser = 2});
        check_group_norm({.groups = 32, .silu = active}, {2, 9, 320}, 0, {.looser = 2});
    }
}

TEST_CASE("group norm goes on over pieces")
{
    check_group_norm({.groups = 2, .silu = true}, {2, 33, 61, 6}, 1,
                     {.looser = 2});                                  // 12078 and 4224 a piece
    check_group_norm({.groups = 2}, {1, 37, 1030}, 1, {.looser = 2}); // 32 rows and 5
}

TEST_CASE("group norm refuses channels that do not divide")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {1, 2, 2, 6});
    auto const gamma = g.parameter({.name = "gamma", .shape = {6}});
    CHECK_THROWS_AS(nn::group_norm(g, x, gamma, gamma, {.groups = 4}), contract_violation);
}
