#include "haiga/image/render/distance.hpp"

#include <doctest/doctest.h>

using namespace haiga::image::render;
using doctest::Approx;

TEST_CASE("distances by hand")
{
    CHECK(to_sphere({3, 4, 0}, {0, 0, 0}, 2) == Approx(3));
    CHECK(to_sphere({1, 1, 1}, {1, 1, 1}, 2) == Approx(-2));
    CHECK(to_ring({5, 0, 0}, {0, 0, 0}, 3, 0.5F) == Approx(1.5));
    CHECK(to_ring({0, 4, 3}, {0, 0, 0}, 3, 0.5F) == Approx(3.5));
    CHECK(to_limb({0, 5, 0}, {0, 0, 0}, {0, 3, 0}, 1, 0.5F) == Approx(1.5));     // past the end
    CHECK(to_limb({2, 1.5F, 0}, {0, 0, 0}, {0, 3, 0}, 1, 0.5F) == Approx(1.25)); // half way
}

TEST_CASE("an ellipsoid: 0 on it, with slope 1; equal radii make a ball; its centre is inside")
{
    vec3 const radii = {1, 2, 3};
    for (vec3 const tip : {vec3{1, 0, 0}, vec3{0, 2, 0}, vec3{0, 0, 3}}) {
        CHECK(to_ellipsoid(tip, {}, radii) == Approx(0));
        vec3 const outside = tip + normalised(tip) * 0.01F;
        CHECK(to_ellipsoid(outside, {}, radii) == Approx(0.01).epsilon(0.02)); // second order
    }
    CHECK(to_ellipsoid({3, 4, 0}, {}, {2, 2, 2}) == Approx(3));
    CHECK(to_ellipsoid({}, {}, radii) == Approx(-1));
}

TEST_CASE("joining fills the seam and leaves alone what is apart")
{
    CHECK(joined(1, 2, 0.5F) == 1.0F);
    CHECK(joined(2, 1, 0.5F) == 1.0F);
    CHECK(joined(1, 1, 0.4F) == Approx(0.9)); // a quarter of the seam's width
    CHECK(joined(1, 1.1F, 0.4F) == joined(1.1F, 1, 0.4F));
}
