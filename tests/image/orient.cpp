#include "haiga/image/orient.hpp"

#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using enum image::orientation;

namespace {

auto turned(image::pixels picture, std::initializer_list<image::orientation> turns)
{
    for (auto const turn : turns) {
        picture = image::upright(std::move(picture), turn);
    }
    return picture;
}

} // namespace

// tests/image/decode.cpp compares each of the eight with Pillow; here the laws of their group
TEST_CASE("turns and mirrors undo each other")
{
    auto const picture = haiga_test::pattern(5, 3);
    for (auto const own_inverse :
         {image::orientation::upright, mirror, turn_half, flip, transpose, transverse}) {
        CHECK(turned(picture, {own_inverse, own_inverse}) == picture);
    }
    CHECK(turned(picture, {turn_right, turn_left}) == picture);
    CHECK(turned(picture, {turn_right, turn_right}) == turned(picture, {turn_half}));
    CHECK(turned(picture, {mirror, flip}) == turned(picture, {turn_half}));
    CHECK(turned(picture, {transpose, mirror}) == turned(picture, {turn_right}));
    CHECK(turned(picture, {transpose, turn_half}) == turned(picture, {transverse}));
}

TEST_CASE("a quarter to the right moves the first pixel to the right edge")
{
    auto const picture = haiga_test::pattern(5, 3);
    auto const right = image::upright(picture, turn_right);
    CHECK(right.width == 3);
    CHECK(right.height == 5);
    CHECK(right(2, 0, 1) == picture(0, 0, 1));
    CHECK(right(2, 4, 2) == picture(4, 0, 2));
}
