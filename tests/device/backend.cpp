#include "haiga/device/backend.hpp"

#include "haiga/device/add.hpp"
#include "haiga/device/program.hpp"
#include "tests/archetypes/device.hpp"
#include "tests/backends.hpp"
#include "tests/laws/backend.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE_TEMPLATE("every backend keeps the law", B, HAIGA_TEST_BACKENDS)
{
    auto b = test::open_backend<B>();
    if (!b) {
        MESSAGE("not run on ", B::name, ": ", b.error().message);
        return;
    }
    if constexpr (device::host_backend<B>) {
        laws::check_host_backend(*b);
    } else {
        laws::check_backend(*b);
    }
}

TEST_CASE("the least backends keep the law, and a host runs ops")
{
    archetypes::backend least;
    laws::check_backend(least);
    archetypes::host_backend host;
    laws::check_host_backend(host);

    device::graph g;
    auto const x = g.input(dtype::f32, {2});
    auto const y = device::add(g, x, x);
    g.keep(y);
    auto program = device::program<archetypes::host_backend>::make(
        host, g, {}, device::op_list<device::add_op>{});
    REQUIRE(program);
    program->view(x).as<float>().flat()[1] = 3;
    program->run();
    CHECK(program->view(y).as<float>().flat()[1] == 6);
}
