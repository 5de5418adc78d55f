#include "haiga/device/gradients.hpp"

#include "tests/device/random_graph.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::test;

namespace {

/// Six linears in a row, in blocks of `a_block` (none if it is 0), and their gradients.
auto chain(int a_block) -> traced_graph
{
    traced_graph t{.g = device::graph()};
    auto x = t.g.input(dtype::f32, {32, 16}, true);
    t.inputs.push_back(x);
    for (int i = 0; i < 6; ++i) {
        if (a_block > 0 && i % a_block == 0) {
            t.g.begin_block();
        }
        auto const w = t.g.parameter({.name = std::to_string(i), .shape = {16, 16}});
        x = device::add(t.g, nn::linear(t.g, x, w), x);
        if (a_block > 0 && i % a_block == a_block - 1) {
            t.g.end_block();
        }
    }
    t.g.keep(x);
    t.inputs.push_back(t.g.input(dtype::f32, {32, 16}));
    device::backward_pass back(t.g);
    back.run(x, t.inputs[1]);
    t.results = {x, back.gradient(t.inputs[0])};
    t.g.keep(t.results[1]);
    for (int i = 0; i < 6; ++i) {
        t.results.push_back(back.gradient(t.g.value_of_parameter(i)));
    }
    return t;
}

} // namespace

TEST_CASE("recomputed blocks give the same bytes from a smaller arena")
{
    auto const kept = chain(0);
    auto const again = chain(3);
    CHECK(run_planned(again) == run_planned(kept));
    CHECK(device::plan(again.g).arena_bytes < device::plan(kept.g).arena_bytes);
}

TEST_CASE("a value that is read twice gets the sum of two gradients")
{
    traced_graph t{.g = device::graph()};
    auto const x = t.g.input(dtype::f32, {5}, true);
    auto const y = device::add(t.g, device::add(t.g, x, x), x);
    auto const seed = t.g.input(dtype::f32, {5});
    device::backward_pass back(t.g);
    back.run(y, seed);
    t.inputs = {x, seed};
    t.results = {back.gradient(x), seed};
    t.g.keep(t.results[0]);
    auto const read = run_planned(t);
    for (std::size_t i = 0; i < 5; ++i) {
        float gradient = 0;
        float one = 0;
        std::memcpy(&gradient, read[0].data() + i * sizeof(float), sizeof(float));
        std::memcpy(&one, read[1].data() + i * sizeof(float), sizeof(float));
        CHECK(gradient == doctest::Approx(3 * one).epsilon(1e-6)); // two roundings of 2^-24
    }
}

TEST_CASE("a gradient of a parameter is written where gradients lie")
{
    auto const t = chain(0);
    for (std::size_t i = 2; i < t.results.size(); ++i) {
        auto const& info = t.g.info(t.results[i]);
        CHECK(info.kind == device::role::gradient);
        CHECK(info.parameter == static_cast<int>(i) - 2);
    }
}

TEST_CASE("nobody computes a gradient that nobody wants")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 3});
    auto const w = g.parameter({.name = "w", .shape = {3, 4}, .trained = false});
    auto const y = nn::linear(g, x, w);
    auto const seed = g.input(dtype::f32, {2, 4});
    auto const traced = g.records().size();
    device::backward_pass back(g);
    back.run(y, seed);
    CHECK(g.records().size() == traced);
    CHECK(back.gradient(x) == device::value::none);
    CHECK(back.gradient(w) == device::value::none);
}
