#include "haiga/device/program.hpp"

#include "tests/device/random_graph.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::test;

TEST_CASE("records that nothing kept depends on are not run")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 3});
    auto const w = g.parameter({.name = "w", .shape = {3, 3}});
    auto const y = device::add(g, x, x);
    nn::linear(g, y, w);
    g.keep(y);
    device::cpu_native b({1});
    buffers flat(device::plan(g));
    auto program = device::program<device::cpu_native>::make(b, g, flat.views(), graph_ops{});
    REQUIRE(program);
    std::vector<std::string_view> names;
    program->run([&](std::string_view name) { names.push_back(name); }, [] {});
    CHECK(names == std::vector<std::string_view>{"add"});
}

TEST_CASE("an op that is not in the list is the caller's bug")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2});
    g.keep(device::add(g, x, x));
    device::cpu_native b({1});
    CHECK_THROWS_WITH_AS(device::program<device::cpu_native>::make(b, g, {}, device::op_list<>{}),
                         doctest::Contains("op add on cpu_native"), contract_violation);
}

namespace {

/// A host without memory.
struct full_host : device::cpu_native {
    using basic_cpu::basic_cpu;
    static auto allocate(std::size_t bytes) -> result<memory>
    {
        return fail(errc::out_of_memory, "full_host: ", bytes, " bytes");
    }
};

} // namespace

TEST_CASE("an arena that cannot be had is reported with its size")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {64});
    g.keep(device::add(g, x, x));
    full_host b(parallelism{1});
    auto const program =
        device::program<full_host>::make(b, g, {}, device::op_list<device::add_op>{});
    REQUIRE_FALSE(program);
    CHECK(program.error().code == errc::out_of_memory);
    CHECK(program.error().message.find("512 bytes") != std::string::npos);
}
