#include "haiga/device/program.hpp"
#include "haiga/nn/attention.hpp"
#include "haiga/nn/conv2d.hpp"
#include "haiga/nn/group_norm.hpp"
#include "haiga/nn/layer_norm.hpp"
#include "tests/device/allocations.hpp"
#include "tests/device/random_graph.hpp"
#include "tests/sanitized.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#if !defined(HAIGA_TEST_SANITIZED) // which take memory of their own

using namespace haiga;
using namespace haiga::test;

namespace {

using replayed_ops =
    device::op_list<device::add_op, device::copy_op, nn::linear_op, nn::linear_input_gradient,
                    nn::linear_weight_gradient, nn::bias_gradient, nn::conv2d_op,
                    nn::conv2d_input_gradient, nn::conv2d_weight_gradient, nn::group_stats,
                    nn::group_apply, nn::group_gradient, nn::layer_norm_op, nn::layer_norm_gradient,
                    nn::attention_op, nn::attention_gradient>;

/// A convolution, group norm, layer norm, attention and their backward pass: with sizes that need
/// padded weights, gathered rows and several tasks of every op.
auto small_model() -> device::graph
{
    device::graph g;
    int count = 0;
    auto const parameter = [&](shape dims) {
        return g.parameter({.name = std::to_string(count++), .shape = dims});
    };
    auto x = g.input(dtype::f32, {2, 18, 18, 5}, true);
    x = nn::conv2d(g, x, parameter({3, 3, 5, 20}), parameter({20}), {.stride = 2});
    x = nn::group_norm(g, x, parameter({20}), parameter({20}), {.groups = 4, .silu = true});
    x = device::reshape(g, x, {2, 81, 20});
    auto const normed = nn::layer_norm(g, x, parameter({20}), parameter({20}));
    auto const q = nn::linear(g, normed, parameter({20, 20}));
    auto const k = nn::linear(g, normed, parameter({20, 20}));
    auto const v = nn::linear(g, normed, parameter({20, 20}), parameter({20}));
    auto const y = device::add(g, x, nn::attention(g, q, k, v, 2));
    auto const seed = g.input(dtype::f32, g.shape_of(y));
    device::backward_pass back(g);
    back.run(y, seed);
    g.keep(y);
    return g;
}

/// How often memory is asked for in each of some replays, after a first run.
template <class B>
auto allocations_of_replays(device::graph const& g, parallelism team, int replays)
    -> std::vector<long>
{
    B b(team);
    buffers flat(device::plan(g));
    auto program = device::program<B>::make(b, g, flat.views(), replayed_ops{});
    REQUIRE(program);
    long before = allocations;
    program->run(); // scratch memory grows to what it needs
    CHECK(allocations > before);
    std::vector<long> counts(static_cast<std::size_t>(replays));
    for (auto& count : counts) {
        before = allocations;
        program->run();
        count = allocations - before;
    }
    return counts;
}

} // namespace

// What is counted is operator new: Eigen takes the memory of its temporaries from malloc.
TEST_CASE_TEMPLATE("a replay allocates nothing", B, device::cpu_native, device::cpu_eigen)
{
    std::vector<long> const none{0, 0};
    CHECK(allocations_of_replays<B>(random_graph(3, true).g, {1}, 2) == none);
    CHECK(allocations_of_replays<B>(small_model(), {1}, 2) == none);
}

#ifdef _OPENMP // without it parallel_for starts threads, which takes memory
TEST_CASE_TEMPLATE("replays of several threads come to allocate nothing", B, device::cpu_native,
                   device::cpu_eigen)
{
    // a thread that first helps with a larger task has its scratch memory grow: the second one at
    // most once for every size of task, of which there are fewer than 30
    auto const counts = allocations_of_replays<B>(small_model(), {2}, 60);
    CHECK(std::ranges::count(counts, 0) > 30);
}
#endif

#endif
