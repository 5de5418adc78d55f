#include "haiga/sample/decode_tiles.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace {

using namespace haiga;

/// Tiles' weights over an axis, summed.
auto summed(sample::tiling const& t, std::int64_t extent, std::int64_t scale) -> std::vector<double>
{
    std::vector<double> sum(static_cast<std::size_t>(extent * scale));
    for (std::int64_t i = 0; i < t.count(); ++i) {
        auto const weights = t.weights(i, scale);
        for (std::size_t x = 0; x < weights.size(); ++x) {
            sum.at(static_cast<std::size_t>(t[i] * scale) + x) += double{weights[x]};
        }
    }
    return sum;
}

/// A decoder that sees one latent pixel at a time: three colours of its two channels, by `scale`.
void decode_pixelwise(std::span<float const> latents, std::int64_t width, std::int64_t scale,
                      std::span<float> pixels)
{
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        auto const at = static_cast<std::int64_t>(i / 3);
        auto const row = at / (width * scale);
        auto const column = at % (width * scale);
        auto const* const z = latents.data() + (row / scale * width + column / scale) * 2;
        pixels[i] = z[0] * static_cast<float>(i % 3) - z[1] * static_cast<float>(row % scale) +
                    static_cast<float>(column % scale);
    }
}

} // namespace

TEST_CASE("tiles cover an axis, overlap, and their weights sum to 1")
{
    for (std::int64_t tile : {1, 2, 7, 16}) {
        for (std::int64_t overlap = 0; overlap < tile; overlap += 3) {
            for (std::int64_t extent = 1; extent < 60; ++extent) {
                INFO(extent, " in tiles of ", tile, " that overlap by ", overlap);
                sample::tiling const t(extent, tile, overlap);
                CHECK(t[0] == 0);
                CHECK(t[t.count() - 1] + t.size() == extent);
                for (std::int64_t i = 1; i < t.count(); ++i) {
                    CHECK(t[i - 1] < t[i]);
                    CHECK(t[i - 1] + t.size() - t[i] >= overlap);
                }
                for (auto const sum : summed(t, extent, 3)) {
                    CHECK(std::abs(sum - 1) < 1e-6); // a few numbers, each rounded to 2^-24
                }
            }
        }
    }
}

TEST_CASE("no more tiles than needed, and a weight rises evenly over the overlap")
{
    CHECK(sample::tiling(64, 64, 16).count() == 1);
    CHECK(sample::tiling(65, 64, 16).count() == 2);
    CHECK(sample::tiling(112, 64, 16).count() == 2);
    CHECK(sample::tiling(113, 64, 16).count() == 3);
    sample::tiling const t(14, 8, 2); // at 0 and 6: positions 6 and 7 are in both
    auto const second = t.weights(1, 1);
    CHECK(second[0] == 0.25F);
    CHECK(second[1] == 0.75F);
    CHECK(second[2] == 1);
    CHECK_THROWS_AS(sample::tiling(9, 4, 4), contract_violation);
    CHECK_THROWS_AS(sample::tiling(0, 4, 1), contract_violation);
}

TEST_CASE("a decoder that sees no further than a pixel gives the same in tiles as at once")
{
    sample::tile_sizes const s{.height = 21,
                               .width = 13,
                               .latent_channels = 2,
                               .channels = 3,
                               .scale = 4,
                               .tile = 8,
                               .overlap = 3};
    std::vector<float> latents(static_cast<std::size_t>(21 * 13 * 2));
    for (std::size_t i = 0; i < latents.size(); ++i) {
        latents[i] = std::sin(static_cast<float>(i));
    }
    std::vector<float> whole(static_cast<std::size_t>(84 * 52 * 3));
    decode_pixelwise(latents, 13, 4, whole);
    std::vector<float> tiled(whole.size(), -1000.0F);
    int tiles = 0;
    auto const done = sample::decode_tiles(
        s, latents, tiled, [&](std::span<float const> tile, std::span<float> pixels) -> result<> {
            CHECK(tile.size() == 8 * 8 * 2);
            decode_pixelwise(tile, 8, 4, pixels);
            ++tiles;
            return {};
        });
    CHECK(done);
    CHECK(tiles == 4 * 2);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        CHECK(std::abs(tiled[i] - whole[i]) < 1e-5F); // sums of up to 9 numbers below 10
    }
}

TEST_CASE("what a tile's decoding fails of ends all")
{
    sample::tile_sizes const s{.height = 9, .width = 9, .tile = 4, .overlap = 1};
    std::vector<float> const latents(9 * 9 * 4);
    std::vector<float> picture(72 * 72 * 3);
    int tiles = 0;
    auto const done = sample::decode_tiles(s, latents, picture, [&](auto, auto) -> result<> {
        return ++tiles < 3 ? result<>() : fail(errc::cancelled, "enough");
    });
    REQUIRE(!done);
    CHECK(done.error().code == errc::cancelled);
    CHECK(tiles == 3);
}
