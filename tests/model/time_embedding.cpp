#include "haiga/model/time_embedding.hpp"

#include "haiga/nn/timestep_embedding.hpp"
#include "tests/model/on_host.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

using namespace haiga;

namespace {

/// Rows 23 to 25, columns 47 to 49 of the sinusoids of 0, 1, ... 127, 64 wide.
void check_sinusoids(nn::timestep_embedding_options const& options,
                     std::vector<double> const& published)
{
    device::graph g;
    auto const t = g.input(dtype::f32, {128});
    auto const y = nn::timestep_embedding(g, t, 64, options);
    g.keep(y);
    test::on_host<float> host(g);
    std::vector<double> steps(128);
    std::iota(steps.begin(), steps.end(), 0);
    host.write(t, steps);
    host.run();
    auto const got = host.read(y);
    for (std::size_t i = 0; i < 9; ++i) {
        CAPTURE(i);
        // as in Diffusers' test: four digits, and angles of 23000 in its fp32 are rough to 1e-3
        CHECK(std::abs(got[(23 + i / 3) * 64 + 47 + i % 3] - published[i]) < 1e-3);
    }
}

} // namespace

// diffusers, tests/models/test_layers_utils.py at 5f334281947803dea809f34e5423cee10ff08eac,
// EmbeddingsTests.test_sinoid_embeddings_hardcoded.
TEST_CASE("sinusoids have the numbers of Diffusers' test")
{
    SUBCASE("standard unet, score_vde")
    {
        check_sinusoids({.flip_sin_to_cos = false, .downscale_freq_shift = 1},
                        {0.9646, 0.9804, 0.9892, 0.9615, 0.9787, 0.9882, 0.9582, 0.9769, 0.9872});
    }
    SUBCASE("glide, ldm")
    {
        check_sinusoids({},
                        {0.3019, 0.2280, 0.1716, 0.3146, 0.2377, 0.1790, 0.3272, 0.2474, 0.1864});
    }
    SUBCASE("grad-tts")
    {
        check_sinusoids(
            {.flip_sin_to_cos = false, .downscale_freq_shift = 1, .scale = 1000},
            {-0.9801, -0.9464, -0.9349, -0.3952, 0.8887, -0.9709, 0.5299, -0.2853, -0.9927});
    }
}

TEST_CASE("a time embedding is two layers, named as in Diffusers")
{
    device::graph g;
    auto const y = model::time_embedding(model::scope(g), g.input(dtype::f32, {3, 8}), 32);
    CHECK(g.shape_of(y) == shape{3, 32});
    REQUIRE(g.parameters().size() == 4);
    CHECK(g.parameters()[0].name == "linear_1.weight");
    CHECK(g.parameters()[2].name == "linear_2.weight");
    CHECK(g.parameters()[2].shape == shape{32, 32});
}
