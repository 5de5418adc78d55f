#include "haiga/image/render/stage.hpp"

#include <doctest/doctest.h>

using namespace haiga::image::render;
using doctest::Approx;

TEST_CASE("a camera looks at its target, from as far away as asked; right is right, up is up")
{
    vec3 const target = {0.3F, 0.8F, -0.1F};
    auto const c = camera::around(target, 0.6F, 0.3F, 0.1F, 5, 4);
    CHECK(length(c.eye - target) == Approx(5));
    CHECK(c.eye.y > target.y);
    CHECK(length(c.through(0, 0).at(5) - target) < 1e-4F); // a few roundings of float at 5

    auto const front = camera::around({}, 0, 0, 0, 5, 4); // on the z axis, looking back along it
    CHECK(front.eye.z == Approx(5));
    CHECK(front.through(1, 0).along.x > 0);
    CHECK(front.through(0, 1).along.y > 0);
}

TEST_CASE("a ray meets the figure on its surface, or passes by")
{
    stage const s = {puppy({}), {0, 1, 0}, {0.2F, 0.3F, 0.5F}, {0.5F, 0.4F, 0.3F}};
    ray const ahead = {{0, 0.9F, 6}, {0, 0, -1}};
    auto const met = s.meet(ahead);
    REQUIRE(met);
    CHECK(std::abs(s.figure.distance(ahead.at(*met))) < 1e-3F);
    CHECK_FALSE(s.meet({{0, 3, 6}, {0, 0, -1}}));
    CHECK_FALSE(s.meet({{0, 0.9F, 6}, {0, 0, 1}})); // it is behind
}

TEST_CASE("light is between nothing and white, and the figure throws a shadow")
{
    stage const s = {puppy({}), normalised({1, 1, 0}), {0.2F, 0.3F, 0.5F}, {0.5F, 0.4F, 0.3F}};
    vec3 const eye = {0, 5, 8};
    auto const ground = [&](float x) { return s.look({eye, normalised(vec3{x, 0, 0} - eye)}); };
    CHECK(ground(-1.2F).x < 0.6F * ground(1.2F).x);
    for (float x = -4; x < 4; x += 0.1F) {
        vec3 const light = ground(x);
        CHECK(std::min({light.x, light.y, light.z}) >= 0);
        CHECK(std::max({light.x, light.y, light.z}) <= 1);
    }
}
