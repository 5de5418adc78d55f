#include "haiga/device/meta.hpp"

#include "haiga/device/add.hpp"
#include "haiga/device/program.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("meta tells what a program would take and touches no memory")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {1000, 1000});
    auto const y = device::add(g, x, x);
    g.keep(y);
    device::meta backend;
    auto program =
        device::program<device::meta>::make(backend, g, {}, device::op_list<device::add_op>{});
    REQUIRE(program);
    CHECK(backend.allocated() == device::plan(g).arena_bytes);
    CHECK(backend.allocated() == 2 * 4'000'000); // x and y, both kept
    program->run();
    CHECK(program->view(y).data() == nullptr);
}

TEST_CASE("meta takes a graph that no machine could hold")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {1LL << 40});
    g.keep(device::add(g, x, x));
    device::meta backend;
    REQUIRE(device::program<device::meta>::make(backend, g, {}, device::op_list<device::add_op>{}));
    CHECK(backend.allocated() == std::size_t{2} << 42);
}
