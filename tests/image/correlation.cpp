#include "haiga/image/correlation.hpp"

#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using image::normalised_cross_correlation;

namespace {

auto floats(std::initializer_list<float> values)
{
    image::float_pixels picture(static_cast<int>(values.size()), 1, 1);
    std::ranges::copy(values, picture.values.begin());
    return picture;
}

} // namespace

TEST_CASE("a picture is like itself at any brightness and contrast, and unlike its negative")
{
    auto const picture = haiga_test::pattern(9, 7);
    image::pixels dim = picture;
    image::pixels negative = picture;
    for (std::size_t i = 0; i < dim.values.size(); ++i) {
        dim.values[i] = static_cast<std::uint8_t>(picture.values[i] / 2 + 20);
        negative.values[i] = static_cast<std::uint8_t>(255 - picture.values[i]);
    }
    CHECK(normalised_cross_correlation(picture, picture) == doctest::Approx(1).epsilon(1e-12));
    CHECK(normalised_cross_correlation(picture, dim) > 0.9999); // halving drops a bit
    CHECK(normalised_cross_correlation(picture, negative) == doctest::Approx(-1).epsilon(1e-12));
}

TEST_CASE("by hand: means 2 and 2, products 1, lengths sqrt 2 and sqrt 2")
{
    // (-1, 0, 1) . (0, -1, 1) = 1
    CHECK(normalised_cross_correlation(floats({1, 2, 3}), floats({2, 1, 3})) ==
          doctest::Approx(0.5).epsilon(1e-12));
}

TEST_CASE("a flat picture is like nothing; sizes must agree")
{
    CHECK(normalised_cross_correlation(floats({1, 2}), floats({3, 3})) == 0);
    CHECK_THROWS_AS(normalised_cross_correlation(floats({1}), floats({1, 2})), contract_violation);
}
