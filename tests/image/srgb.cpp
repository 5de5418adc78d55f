#include "haiga/image/render/srgb.hpp"

#include <doctest/doctest.h>

using namespace haiga::image::render;

TEST_CASE("every byte comes back from linear light")
{
    for (std::uint32_t i = 0; i < 256; ++i) {
        auto const bytes = to_srgb(from_srgb(i << 16U | (255 - i) << 8U | i));
        CHECK(bytes == std::array{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(255 - i),
                                  static_cast<std::uint8_t>(i)});
    }
}

TEST_CASE("what is brighter than white is white; half the light is 188 (IEC 61966-2-1)")
{
    CHECK(to_srgb({2, -1, 0.5F}) == std::array<std::uint8_t, 3>{255, 0, 188});
}
