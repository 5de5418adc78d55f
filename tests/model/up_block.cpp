#include "haiga/model/up_block.hpp"

#include "tests/model/blocks_common.hpp"

// Numbers: diffusers, tests/models/unets/test_unet_2d_blocks.py at
// 5f334281947803dea809f34e5423cee10ff08eac.

using namespace haiga;

namespace {

void check_up_block(bool attention, std::vector<double> const& published)
{
    test::block_test t;
    t.generator = torch_generator(1); // the test seeds again for the skip, and goes on with that
    std::vector<device::value> skips{t.picture(4, 32, 32)};
    auto const y = model::up_block(t.root(), t.x, t.told, test::level(attention), skips);
    CHECK(t.graph.shape_of(y) == shape{4, 64, 64, 32});
    CHECK(skips.empty());
    t.check_corner(y, published);
}

} // namespace

TEST_CASE("UpBlock2D gives the numbers of Diffusers' test")
{
    check_up_block(false,
                   {-0.2041, -0.4165, -0.3022, 0.0041, -0.6628, -0.7053, 0.1928, -0.0325, 0.0523});
}

TEST_CASE("CrossAttnUpBlock2D gives the numbers of Diffusers' test")
{
    check_up_block(true,
                   {-0.1403, -0.3515, -0.0420, -0.1425, 0.3167, 0.5094, -0.2181, 0.5931, 0.5582});
}
