#include "haiga/device/plan.hpp"

#include "tests/device/random_graph.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::test;

TEST_CASE("a plan changes where values lie, not what they are")
{
    auto const first = std::random_device{}();
    for (unsigned i = 0; i < 300; ++i) {
        INFO("random_graph(", first + i, ", ", i % 2 == 1, ")");
        auto const t = random_graph(first + i, i % 2 == 1);
        auto const apart = run_apart(t);
        REQUIRE(run_planned(t) == apart);
        REQUIRE(run_planned(t, 2) == apart); // nothing that a run needs was overwritten by the last
    }
}

TEST_CASE("values that are never alive together share memory")
{
    device::graph g;
    auto x = g.input(dtype::f32, {16, 16});
    auto const w = g.parameter({.name = "w", .shape = {16, 16}});
    for (int i = 0; i < 20; ++i) {
        x = nn::linear(g, x, w);
    }
    g.keep(x);
    CHECK(device::plan(g).arena_bytes == 3 * 16 * 16 * sizeof(float)); // the input and two in turn
}

TEST_CASE("an op that allows it writes over an input that nobody reads again")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {64});
    auto const a = device::add(g, x, x);
    auto const b = device::add(g, a, x);
    auto const c = device::add(g, b, a); // over b or a: neither is read again
    g.keep(c);
    auto const p = device::plan(g);
    CHECK(p.arena_bytes == 3 * 64 * sizeof(float));
    CHECK(p.offsets[device::graph::index(a)] != p.offsets[device::graph::index(b)]);
}

TEST_CASE("a kept view keeps the memory it looks at")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {4, 4});
    auto const a = device::add(g, x, x);
    auto const view = device::reshape(g, a, {16});
    g.keep(view);
    auto const b = device::add(g, a, x); // must not be written over a
    g.keep(b);
    auto const p = device::plan(g);
    CHECK(p.offsets[device::graph::index(view)] == p.offsets[device::graph::index(a)]);
    CHECK(p.offsets[device::graph::index(b)] != p.offsets[device::graph::index(a)]);
}

TEST_CASE("an input of the caller is never written over")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {64});
    auto const y = device::add(g, x, x);
    g.keep(y);
    auto const p = device::plan(g);
    CHECK(p.offsets[device::graph::index(y)] != p.offsets[device::graph::index(x)]);
}

TEST_CASE("everything starts on a cache line")
{
    auto const t = random_graph(7, false);
    auto const p = device::plan(t.g);
    for (auto const offset : p.offsets) {
        CHECK(offset % device::memory_plan::alignment == 0);
    }
    CHECK(p.parameter_bytes == 4 * 64); // three of 4 x 4, and four elements rounded up
}
