#include "haiga/device/graph.hpp"

#include "haiga/device/add.hpp"
#include "haiga/device/reshape.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

struct scale_op {
    static constexpr std::string_view name = "scale";
    double factor = 1;
    std::int32_t times = 1;
};
static_assert(device::op<scale_op>);

struct not_an_op {
    std::string_view label;
};
static_assert(!device::op<not_an_op>); // has no name

struct too_rich {
    [[maybe_unused]] static constexpr std::string_view name = "too_rich";
    std::string text;
};
static_assert(!device::op<too_rich>); // cannot be kept as bytes

} // namespace

TEST_CASE("attributes come back as they went in")
{
    auto const op = device::attributes(scale_op{0.25, 7}).as<scale_op>();
    CHECK(op.factor == 0.25);
    CHECK(op.times == 7);
}

TEST_CASE("what an op says of itself is what a graph knows of it")
{
    CHECK_FALSE(bool(device::info_of<scale_op>.differentiate));
    CHECK(bool(device::info_of<device::add_op>.differentiate));
    CHECK(device::info_of<device::add_op>.in_place.size() == 2);
    CHECK(device::info_of<device::reshape_op>.is_view);
    CHECK_FALSE(device::info_of<device::add_op>.is_view);
    CHECK(&device::info_of<scale_op> != &device::info_of<device::add_op>);
}

TEST_CASE("a graph keeps types, shapes, producers and who needs a gradient")
{
    device::graph g(dtype::bf16);
    auto const x = g.input(dtype::bf16, {2, 3});
    auto const w = g.parameter({.name = "w", .shape = {5, 3}, .layout = device::layout::in_out});
    CHECK(g.info(w).type == dtype::f32); // parameters are never narrowed
    CHECK(g.shape_of(w) == shape{3, 5}); // as kept, not as in a checkpoint
    CHECK(g.info(w).needs_gradient);
    auto const y = device::add(g, x, x);
    CHECK(g.info(y).type == dtype::bf16);
    CHECK(g.info(y).producer == 0);
    CHECK_FALSE(g.info(y).needs_gradient);
    auto const trained = g.input(dtype::bf16, {2, 3}, true);
    CHECK(g.info(device::add(g, y, trained)).needs_gradient);
    CHECK(device::graph(dtype::f64).parameter_type() == dtype::f64);
}

TEST_CASE("shapes that do not fit and blocks in blocks are refused")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 3});
    CHECK_THROWS_AS(device::add(g, x, g.input(dtype::f32, {3, 2})), contract_violation);
    CHECK_THROWS_AS(device::reshape(g, x, {7}), contract_violation);
    g.begin_block();
    CHECK_THROWS_AS(g.begin_block(), contract_violation);
    g.end_block();
    g.begin_block();
}
