#include "haiga/model/resample.hpp"

#include "tests/model/picture_test.hpp"

// Numbers: diffusers, tests/models/test_layers_utils.py at
// 5f334281947803dea809f34e5423cee10ff08eac, Upsample2DBlockTests and Downsample2DBlockTests.

using namespace haiga;

TEST_CASE("upsample gives the numbers of Diffusers' tests")
{
    test::picture_test t;
    auto const x = t.picture(1, 32, 32);
    SUBCASE("with_conv")
    {
        t.check_corner(model::upsample(t.root(), x, 32),
                       {0.7145, 1.3773, 0.3492, 0.8448, 1.0839, -0.3341, 0.5956, 0.1250, -0.4841});
    }
    SUBCASE("with_conv_out_dim")
    {
        t.check_corner(model::upsample(t.root(), x, 64),
                       {0.2703, 0.1656, -0.2538, -0.0553, -0.2984, 0.1044, 0.1155, 0.2579, 0.7755});
    }
    SUBCASE("default: nothing but repeated pixels")
    {
        t.check_corner(nn::upsample_nearest(t.graph, x),
                       {-0.2173, -1.2079, -1.2079, 0.2952, 1.1254, 1.1254, 0.2952, 1.1254, 1.1254});
    }
}

TEST_CASE("downsample gives the numbers of Diffusers' tests")
{
    test::picture_test t;
    auto const x = t.picture(1, 32, 64);
    SUBCASE("with_conv_pad1")
    {
        t.check_corner(model::downsample(t.root(), x, 32), {0.9267, 0.5878, 0.3337, 1.2321, -0.1191,
                                                            -0.3984, -0.7532, -0.0715, -0.3913});
    }
    SUBCASE("with_conv_out_dim")
    {
        t.check_corner(model::downsample(t.root(), x, 16),
                       {-0.6586, 0.5985, 0.0721, 0.1256, -0.1492, 0.4436, -0.2544, 0.5021, 1.1522});
    }
}
