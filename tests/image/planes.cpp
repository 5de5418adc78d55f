#include "haiga/image/planes.hpp"

#include "haiga/tensor/tensor.hpp"
#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

using namespace haiga;

TEST_CASE("all bytes survive the way to planes and back")
{
    auto const picture = haiga_test::pattern(16, 16);
    tensor<float> planes(shape{3, 16, 16});
    image::to_planes(picture, planes.view());
    CHECK(image::from_planes(planes.view()) == picture);
    CHECK(planes(2, 0, 0) == doctest::Approx(106 / 127.5 - 1).epsilon(1e-6)); // one float rounding
    CHECK(planes(1, 5, 7) == static_cast<float>(picture(7, 5, 1)) / 127.5F - 1.0F);
}

TEST_CASE("what no picture can hold is clamped")
{
    tensor<float> planes(shape{1, 1, 5});
    auto const infinity = std::numeric_limits<float>::infinity();
    std::ranges::copy(
        std::array{-1.5F, 1.5F, -infinity, infinity, std::numeric_limits<float>::quiet_NaN()},
        planes.data());
    CHECK(image::from_planes(planes.view()).values == std::vector<std::uint8_t>{0, 255, 0, 255, 0});
    CHECK_THROWS_AS(image::to_planes(image::pixels(5, 1, 3), planes.view()), contract_violation);
}
