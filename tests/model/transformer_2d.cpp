#include "haiga/model/transformer_2d.hpp"

#include "tests/model/picture_test.hpp"

// Numbers: diffusers, tests/models/test_layers_utils.py at
// 5f334281947803dea809f34e5423cee10ff08eac, Transformer2DModelTests.

using namespace haiga;

TEST_CASE("transformer_2d without a context gives the numbers of Diffusers' test")
{
    test::picture_test t;
    auto const x = t.picture(1, 32, 64);
    t.check_corner(model::transformer_2d(t.root(), x, device::value::none, {.block = {.heads = 1}}),
                   {-1.9455, -0.0066, -1.3933, -1.5878, 0.5325, -0.6486, -1.8648, 0.7515, -0.9689});
}

TEST_CASE("transformer_2d with several heads gives the numbers of Diffusers' test")
{
    // its test of dropout, which is none while nothing is trained
    test::picture_test t;
    auto const x = t.picture(1, 32, 64);
    t.check_corner(model::transformer_2d(t.root(), x, device::value::none, {.block = {.heads = 2}}),
                   {-1.9380, -0.0083, -1.3771, -1.5819, 0.5209, -0.6441, -1.8545, 0.7563, -0.9615});
}

TEST_CASE("transformer_2d with a context gives the numbers of Diffusers' test")
{
    test::picture_test t;
    auto const x = t.picture(1, 64, 64);
    auto const context = t.graph.input(dtype::f32, {1, 4, 64}); // drawn after the weights
    t.check_corner(model::transformer_2d(t.root(), x, context, {.block = {.heads = 2}}),
                   {0.0143, -0.6909, -2.1547, -1.8893, 1.4097, 0.1359, -0.2521, -1.3359, 0.2598},
                   {context});
}
