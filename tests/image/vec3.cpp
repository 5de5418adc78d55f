#include "haiga/image/render/vec3.hpp"

#include <doctest/doctest.h>

using namespace haiga::image::render;
using doctest::Approx;

TEST_CASE("a turned frame has three directions of length 1 at right angles, right-handed")
{
    auto const f = frame::turned(0.7F, -0.4F, 1.1F);
    CHECK(length(f.right) == Approx(1));
    CHECK(length(f.up) == Approx(1));
    CHECK(length(f.forward) == Approx(1));
    CHECK(length(cross(f.right, f.up) - f.forward) < 1e-6F); // a few roundings of float
    vec3 const p = {1, -2, 3};
    CHECK(length(f.to_world(f.to_local(p)) - p) < 1e-5F);
}

TEST_CASE("not turned at all, a frame is the axes; a quarter to the left looks along x")
{
    auto const still = frame::turned(0, 0, 0);
    CHECK(length(still.to_local({1, 2, 3}) - vec3{1, 2, 3}) < 1e-6F);
    CHECK(length(frame::turned(1.57079633F, 0, 0).forward - vec3{1, 0, 0}) < 1e-6F);
    CHECK(frame::turned(0, 0.5F, 0).forward.y < 0); // nods down
}

TEST_CASE("a smooth step goes from 0 to 1, or back, with one half in the middle")
{
    CHECK(smooth_step(1, 3, 0) == 0.0F);
    CHECK(smooth_step(1, 3, 2) == Approx(0.5));
    CHECK(smooth_step(1, 3, 4) == 1.0F);
    CHECK(smooth_step(3, 1, 0) == 1.0F);
}
