#include "haiga/image/resize.hpp"

#include "tests/golden/images.hpp"
#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace haiga;

namespace {

struct no_radius {
    auto operator()(double) const -> double { return 1; }
};
static_assert(!image::resampling_filter<no_radius> && !image::resampling_filter<int>);

void check_lanczos(int width, int height, std::span<unsigned char const> bytes,
                   std::span<float const> green)
{
    auto const picture = haiga_test::pattern(23, 17);
    auto const expected = haiga_test::picture_of(width, height, 3, bytes);
    // Pillow rounds to bytes, and clips overshoots, between its two passes; we only at the end
    CHECK(haiga_test::largest_difference(image::resize(picture, width, height), expected) <= 2);

    image::float_pixels plane(23, 17, 1);
    for (std::size_t i = 0; i < plane.values.size(); ++i) {
        plane.values[i] = picture.values[3 * i + 1];
    }
    auto const resized = image::resize(plane, width, height);
    REQUIRE(resized.values.size() == green.size());
    for (std::size_t i = 0; i < green.size(); ++i) {
        // weights in float, sums of up to 138 * 102 products near 255: 1e-3 is 30 roundings of
        // 2^-15
        CHECK(std::abs(resized.values[i] - green[i]) <= 1e-3F);
    }
}

} // namespace

TEST_CASE("Lanczos is Pillow's, smaller and larger")
{
    using namespace golden::images;
    check_lanczos(8, 8, lanczos_8x8_bytes, lanczos_8x8_green);
    check_lanczos(31, 9, lanczos_31x9_bytes, lanczos_31x9_green);
    check_lanczos(23, 5, lanczos_23x5_bytes, lanczos_23x5_green);
    check_lanczos(1, 1, lanczos_1x1_bytes, lanczos_1x1_green);
}

TEST_CASE("laws of every filter")
{
    auto const check = [](auto filter) {
        auto const picture = haiga_test::pattern(13, 7);
        CHECK(image::resize(picture, 13, 7, filter) == picture);
        image::pixels flat(13, 7, 4);
        std::ranges::fill(flat.values, std::uint8_t{201});
        for (int const side : {1, 2, 7, 40}) {
            auto const resized = image::resize(flat, side, side, filter);
            CHECK(std::ranges::all_of(resized.values, [](int v) { return v == 201; }));
        }
    };
    check(image::lanczos3{});
    check(image::box{});
}

TEST_CASE("shrinking by a whole step with a box takes means")
{
    auto const picture = haiga_test::pattern(6, 4, 1);
    image::float_pixels values(6, 4, 1);
    std::ranges::copy(picture.values, values.values.begin());
    auto const small = image::resize(values, 2, 2, image::box{});
    float mean = 0;
    for (int y = 2; y < 4; ++y) {
        for (int x = 3; x < 6; ++x) {
            mean += values(x, y) / 6;
        }
    }
    CHECK(small(1, 1) == doctest::Approx(mean).epsilon(1e-6)); // six float additions
}

TEST_CASE("fine stripes turn grey, not into coarse stripes")
{
    image::pixels stripes(120, 8, 1);
    for (int x = 0; x < 120; ++x) {
        for (int y = 0; y < 8; ++y) {
            stripes(x, y) = x % 2 == 0 ? 0 : 255;
        }
    }
    auto const small = image::resize(stripes, 13, 8);
    // away from the border, where Lanczos' cut-off window still sees whole periods
    for (int x = 2; x < 11; ++x) {
        CHECK(std::abs(small(x, 4) - 127.5) < 3);
    }
}
