#include "haiga/image/crop.hpp"

#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

struct look_at {
    image::point where;
    auto operator()(image::pixels const&) const -> image::point { return where; }
};

struct no_point {
    auto operator()(image::pixels const&) const -> int { return 0; }
};
static_assert(image::crop_chooser<look_at> && !image::crop_chooser<no_point>);

} // namespace

TEST_CASE("the middle square is cut out")
{
    auto const wide = haiga_test::pattern(9, 4);
    CHECK(image::square_crop(wide) == image::crop(wide, 2, 0, 4, 4));
    auto const tall = haiga_test::pattern(3, 8);
    CHECK(image::square_crop(tall) == image::crop(tall, 0, 2, 3, 3));
    auto const square = haiga_test::pattern(5, 5);
    CHECK(image::square_crop(square) == square);
}

TEST_CASE("a chooser moves the square, and the edges stop it")
{
    auto const wide = haiga_test::pattern(10, 4);
    CHECK(image::square_crop(wide, look_at{{6, 0}}) == image::crop(wide, 4, 0, 4, 4));
    CHECK(image::square_crop(wide, look_at{{0, 2}}) == image::crop(wide, 0, 0, 4, 4));
    CHECK(image::square_crop(wide, look_at{{9.9, 3}}) == image::crop(wide, 6, 0, 4, 4));
}

TEST_CASE("a part must lie inside the picture")
{
    auto const picture = haiga_test::pattern(4, 3);
    CHECK(image::crop(picture, 1, 2, 3, 1)(0, 0, 2) == picture(1, 2, 2));
    CHECK_THROWS_AS(image::crop(picture, 2, 0, 3, 1), contract_violation);
    CHECK_THROWS_AS(image::crop(picture, -1, 0, 1, 1), contract_violation);
    CHECK_THROWS_AS(image::crop(picture, 0, 2, 1, 2), contract_violation);
}
