#include "haiga/image/as_xtensor.hpp"

#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("a picture and its xtensor view are one")
{
    auto picture = haiga_test::pattern(5, 3);
    auto view = image::as_xtensor(picture);
    CHECK(view.shape()[0] == 3);
    CHECK(view.shape()[1] == 5);
    CHECK(view.shape()[2] == 3);
    CHECK(view(2, 4, 1) == picture(4, 2, 1));
    view(1, 3, 2) = 77;
    CHECK(picture(3, 1, 2) == 77);
    auto const& unchanged = picture;
    CHECK(image::as_xtensor(unchanged)(1, 3, 2) == 77);
}
