#include "haiga/image/contact_sheet.hpp"

#include "haiga/image/crop.hpp"
#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("pictures lie in rows on white")
{
    std::vector<image::pixels> pictures(5, image::pixels(4, 3, 3));
    for (int i = 0; i < 5; ++i) {
        pictures[static_cast<std::size_t>(i)](0, 0) = static_cast<std::uint8_t>(i + 1);
    }
    auto const sheet = image::contact_sheet(pictures, 3, 2);
    CHECK(sheet.width == 3 * 4 + 4 * 2);
    CHECK(sheet.height == 2 * 3 + 3 * 2);
    CHECK(image::crop(sheet, 2, 2, 4, 3) == pictures[0]);
    CHECK(image::crop(sheet, 8, 7, 4, 3) == pictures[4]);
    CHECK(sheet(1, 1) == 255);
    CHECK(sheet(15, 8) == 255); // the place of a sixth
    CHECK(image::contact_sheet(std::span(pictures).first(1), 8, 0) == pictures[0]);
}

TEST_CASE("pictures of different sizes are a caller's bug")
{
    std::vector<image::pixels> const pictures = {image::pixels(4, 3, 3), image::pixels(3, 4, 3)};
    CHECK_THROWS_AS(image::contact_sheet(pictures, 2), contract_violation);
    CHECK_THROWS_AS(image::contact_sheet({}, 2), contract_violation);
}
