#include "haiga/model/scope.hpp"

#include "haiga/model/layers.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("a scope names parameters by its path, and declares each once")
{
    device::graph g;
    model::scope const at = model::scope(g) / "down_blocks" / 0 / "conv";
    auto const declare = [&](shape dims) {
        return at.declare("weight", dims, device::layout::plain, {});
    };
    auto const w = declare({3});
    CHECK(g.parameters().at(0).name == "down_blocks.0.conv.weight");
    CHECK(declare({3}) == w);
    CHECK(g.parameters().size() == 1);
    CHECK_THROWS_AS(declare({4}), contract_violation);
}

TEST_CASE("layers start as torch's do: 1 / sqrt(fan in), for weight and bias")
{
    device::graph g;
    model::scope const at(g);
    auto const x = g.input(dtype::f32, {1, 8, 8, 16});
    model::conv2d(at / "conv", x, 4);
    model::linear(at / "linear", x, 4, false);
    auto const& p = g.parameters();
    REQUIRE(p.size() == 3);
    CHECK(p[0].shape == shape{4, 16, 3, 3});
    CHECK(p[0].start.scale == doctest::Approx(1 / 12.0)); // 16 * 3 * 3 inputs
    CHECK(p[1].start.scale == doctest::Approx(1 / 12.0));
    CHECK(p[2].shape == shape{4, 16});
    CHECK(p[2].start.scale == doctest::Approx(1 / 4.0));
}

TEST_CASE("a frozen model's parameters want no gradients")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 16});
    auto const y = model::linear(model::scope(g, {.trained = false}), x, 4);
    CHECK_FALSE(g.parameters().at(0).trained);
    CHECK_FALSE(g.info(y).needs_gradient);
}

TEST_CASE("what is traced while a block lives belongs to it, if recomputing was asked for")
{
    for (bool const recompute : {false, true}) {
        device::graph g;
        model::scope const at(g, {.recompute = recompute});
        auto x = g.input(dtype::f32, {2, 16});
        {
            auto const block = at.block();
            x = model::linear(at / "inside", x, 16);
        }
        model::linear(at / "outside", x, 16);
        CHECK(g.records()[0].block == (recompute ? 0 : -1));
        CHECK(g.records()[1].block == -1);
    }
}
