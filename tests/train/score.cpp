#include "haiga/train/score.hpp"

#include "tests/train/tiny.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("copies of photographs score 1, whatever their brightness, and reach what they copy")
{
    auto const photos = test::noisy_photos(4, 8);
    auto const all = train::score_of(photos, photos);
    CHECK(all.mean == doctest::Approx(1).epsilon(1e-12));
    CHECK(all.reached == 4);

    auto dark = photos[2];
    for (auto& value : dark.values) {
        value = static_cast<std::uint8_t>(value / 2);
    }
    std::vector const samples{photos[1], dark, photos[1]};
    auto const some = train::score_of(samples, photos);
    CHECK(some.mean > 0.999); // halves are rounded
    CHECK(some.reached == 2);
}

TEST_CASE("noise scores little, and one value everywhere nothing")
{
    auto const all = test::noisy_photos(8, 8);
    auto const photos = std::span(all).first(4);
    auto const noise = train::score_of(std::span(all).last(4), photos);
    // the best of 4 correlations of 192 independent values: standard deviation 0.072 each
    CHECK(std::abs(noise.mean) < 5 * 0.072);
    image::pixels const plain(8, 8, 3);
    CHECK(train::score_of({&plain, 1}, photos).mean == 0);
    CHECK_THROWS_AS(train::score_of({}, photos), contract_violation);
}
