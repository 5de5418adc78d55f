#include "haiga/image/render/puppy.hpp"

#include "haiga/base/philox.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::image::render;

namespace {

/// Points in a cube around the figure, and poses as far as still lifes go.
struct chance {
    philox_sequence dice = philox{5}.at(0, 0);

    auto between(float low, float high) -> float
    {
        return low + (high - low) * static_cast<float>(dice() >> 8U) * 0x1p-24F;
    }
    auto point(float reach) -> vec3
    {
        return puppy::centre +
               vec3{between(-reach, reach), between(-reach, reach), between(-reach, reach)};
    }
    auto pose() -> puppy::pose
    {
        return {.turn = between(-0.9F, 0.9F),
                .nod = between(-0.1F, 0.14F),
                .lean = between(-0.22F, 0.22F),
                .wag = between(-1, 1)};
    }
};

} // namespace

TEST_CASE("nothing of the puppy is outside the ball around it, in any pose")
{
    chance c;
    for (int i = 0; i < 2000; ++i) {
        puppy const figure(c.pose());
        vec3 const outside = normalised(c.point(1) - puppy::centre) * puppy::reach;
        CHECK(figure.distance(puppy::centre + outside) > 0);
    }
}

TEST_CASE("a march along a ray does not step through: a place that far away is not inside")
{
    chance c;
    for (int i = 0; i < 20000; ++i) {
        puppy const figure(c.pose());
        vec3 const p = c.point(1.1F);
        vec3 const direction = normalised(c.point(1) - puppy::centre);
        float const room = figure.distance(p);
        // what an ellipsoid's bound and a slanted ear may be out by is a hair of the figure's 1.8
        CHECK((room < 0 || figure.distance(p + direction * room) > -0.02F));
    }
}

TEST_CASE("paint reflects between nothing and everything")
{
    chance c;
    for (int i = 0; i < 1000; ++i) {
        auto const [colour, gloss] = puppy(c.pose()).painted(c.point(0.9F));
        CHECK(std::min({colour.x, colour.y, colour.z, gloss}) >= 0);
        CHECK(std::max({colour.x, colour.y, colour.z}) <= 1);
    }
}
