#include "haiga/model/mid_block.hpp"

#include "tests/model/blocks_common.hpp"

using namespace haiga;

// diffusers, tests/models/unets/test_unet_2d_blocks.py at 5f334281947803dea809f34e5423cee10ff08eac,
// UNetMidBlock2DCrossAttnTests.
TEST_CASE("UNetMidBlock2DCrossAttn gives the numbers of Diffusers' test")
{
    test::block_test t;
    t.check_corner(model::mid_block(t.root(), t.x, t.told, test::level(true)),
                   {0.0187, 2.4220, 0.4484, 1.1203, -0.6121, -1.5122, -0.8270, 0.7851, 1.8335});
}
