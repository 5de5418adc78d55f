#include "haiga/image/still_life.hpp"

#include "haiga/image/correlation.hpp"
#include "haiga/image/resize.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace haiga;
using image::still_life;

TEST_CASE("a still life is the same each time, whatever the number of threads")
{
    auto const picture = still_life(3, 24);
    CHECK(picture.width == 24);
    CHECK(picture.height == 24);
    CHECK(picture.channels == 3);
    CHECK(still_life(3, 24) == picture);
    CHECK(still_life(3, 24, {3}) == picture);
    CHECK_FALSE(still_life(4, 24) == picture);
    CHECK_FALSE(still_life(3, 24, {}, 1) == picture);
}

TEST_CASE("a picture of one pixel is a picture; of none, or before the first, a caller's bug")
{
    CHECK(still_life(0, 1).values.size() == 3);
    CHECK_THROWS_AS(still_life(0, 0), contract_violation);
    CHECK_THROWS_AS(still_life(-1, 8), contract_violation);
}

TEST_CASE("the first sixteen pictures are clearly different")
{
    std::vector<image::pixels> pictures;
    for (int i = 0; i < 16; ++i) {
        pictures.push_back(image::resize(still_life(i, 48), 24, 24));
        for (int j = 0; j < i; ++j) {
            CAPTURE(i);
            CAPTURE(j);
            // a demand of ours; the highest is 0.72
            CHECK(image::normalised_cross_correlation(pictures[static_cast<std::size_t>(j)],
                                                      pictures.back()) < 0.8);
        }
    }
}

TEST_CASE("the puppy is whole and large in every picture")
{
    constexpr int across = 32;
    for (int index = 0; index < 64; ++index) {
        auto const view = image::detail::arrange(index, 0);
        int figure = 0;
        int cut_off = 0;
        for (int y = 0; y < across; ++y) {
            for (int x = 0; x < across; ++x) {
                auto const place = [](int i) {
                    return (2.0F * static_cast<float>(i) + 1) / across - 1;
                };
                bool const met =
                    view.stage.meet(view.camera.through(place(x), place(y))).has_value();
                bool const border = x == 0 || y == 0 || x == across - 1 || y == across - 1;
                figure += met;
                cut_off += met && border;
            }
        }
        CAPTURE(index);
        CHECK(cut_off == 0);
        CHECK(figure > across * across / 6);
        CHECK(figure < across * across / 2);
    }
}
