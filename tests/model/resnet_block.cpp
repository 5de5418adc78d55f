#include "haiga/model/resnet_block.hpp"

#include "haiga/nn/silu.hpp"
#include "tests/model/picture_test.hpp"

using namespace haiga;

// diffusers, tests/models/test_layers_utils.py at 5f334281947803dea809f34e5423cee10ff08eac,
// ResnetBlock2DTests.test_resnet_default.
TEST_CASE("resnet_block gives the numbers of Diffusers' test")
{
    test::picture_test t;
    auto const x = t.picture(1, 32, 64);
    auto const time = t.input({1, 128});
    t.check_corner(
        model::resnet_block(t.root(), x, nn::silu(t.graph, time), 32, {.groups = 32, .eps = 1e-6}),
        {-1.9010, -0.2974, -0.8245, -1.3533, 0.8742, -0.9645, -2.0584, 1.3387, -0.4746});
}

TEST_CASE("resnet_block has a shortcut where widths differ, and no time layer without a time")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {1, 4, 4, 32});
    auto const y = model::resnet_block(model::scope(g), x, device::value::none, 64, {.groups = 8});
    CHECK(g.shape_of(y) == shape{1, 4, 4, 64});
    std::vector<std::string> names;
    for (auto const& p : g.parameters()) {
        names.push_back(p.name);
    }
    CHECK(names == std::vector<std::string>{"norm1.weight", "norm1.bias", "conv1.weight",
                                            "conv1.bias", "norm2.weight", "norm2.bias",
                                            "conv2.weight", "conv2.bias", "conv_shortcut.weight",
                                            "conv_shortcut.bias"});
}
