#include "haiga/model/down_block.hpp"

#include "tests/model/blocks_common.hpp"

// Numbers: diffusers, tests/models/unets/test_unet_2d_blocks.py at
// 5f334281947803dea809f34e5423cee10ff08eac.

using namespace haiga;

TEST_CASE("DownBlock2D gives the numbers of Diffusers' test")
{
    test::block_test t;
    std::vector<device::value> skips;
    auto const y = model::down_block(t.root(), t.x, t.told, test::level(false), skips);
    CHECK(t.graph.shape_of(y) == shape{4, 16, 16, 32});
    CHECK(skips.size() == 2);
    t.check_corner(y,
                   {-0.0232, -0.9869, 0.8054, -0.0637, -0.1688, -1.4264, 0.4470, -1.3394, 0.0904});
}

TEST_CASE("CrossAttnDownBlock2D gives the numbers of Diffusers' test")
{
    test::block_test t;
    std::vector<device::value> skips;
    t.check_corner(model::down_block(t.root(), t.x, t.told, test::level(true), skips),
                   {0.2238, -0.7396, -0.2255, -0.3829, 0.1925, 1.1665, 0.0603, -0.7295, 0.1983});
}
