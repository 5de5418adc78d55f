#include "haiga/model/initialise.hpp"

#include "haiga/base/torch_generator.hpp"
#include "haiga/model/layers.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace haiga;

static_assert(model::number_source<torch_generator>);
static_assert(!model::number_source<int>);

// torch 2.15.0: manual_seed(0); Conv2d(3, 2, 1); Embedding(4, 5); Linear(2, 2); one after the
// other.
TEST_CASE("a model starts as torch's constructors start it, in their order")
{
    device::graph g;
    model::scope const at(g);
    model::conv2d(at / "conv", g.input(dtype::f32, {1, 4, 4, 3}), 2, {.kernel = 1});
    at.declare("table", {4, 5}, device::layout::plain, {device::initial::kind::normal, 1});
    model::linear(at / "linear", g.input(dtype::f32, {1, 2}), 2);
    std::vector<float> flat(model::flat_size<float>(g));
    model::flat_parameters<float> const parameters(g, flat);
    torch_generator generator(0);
    model::initialise(parameters, generator);
    CHECK(parameters.checkpoint(0) == std::vector{-0x1.1b47dp-8F, 0x1.3d2626p-2F, -0x1.e696fcp-2F,
                                                  -0x1.b31792p-2F, -0x1.c76962p-3F,
                                                  0x1.3d12a6p-3F});
    CHECK(parameters.checkpoint(1) == std::vector{-0x1.76d68p-7F, 0x1.d4c2f4p-2F});
    auto const table = parameters.checkpoint(2);
    CHECK(std::abs(table[0] + 0.35612836F) < 1e-6F); // normals differ in their last bits
    CHECK(std::abs(table[3] + 0.20410173F) < 1e-6F);
    CHECK(parameters.checkpoint(3) ==
          std::vector{-0x1.0598dp-1F, -0x1.754898p-2F, 0x1.c8d90ep-2F, 0x1.a88abap-2F});
    CHECK(parameters.checkpoint(4) == std::vector{-0x1.411fecp-2F, -0x1.a205e4p-6F});
}

TEST_CASE("norms start as ones and zeros, and draw nothing")
{
    device::graph g;
    model::layer_norm(model::scope(g) / "norm", g.input(dtype::f64, {1, 3}));
    std::vector<float> flat(model::flat_size<float>(g), 7);
    model::flat_parameters<float> const parameters(g, flat);
    torch_generator generator(0);
    model::initialise(parameters, generator);
    CHECK(parameters.checkpoint(0) == std::vector<float>(3, 1));
    CHECK(parameters.checkpoint(1) == std::vector<float>(3, 0));
    CHECK(generator.save() == torch_generator(0).save());
}
