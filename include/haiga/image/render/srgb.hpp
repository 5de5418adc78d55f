#pragma once

#include "haiga/image/render/vec3.hpp"

#include <array>
#include <cstdint>

namespace haiga::image::render {

/// A colour 0xRRGGBB as linear light. Source: IEC 61966-2-1 (sRGB).
inline auto from_srgb(std::uint32_t hex) -> vec3
{
    auto const channel = [&](unsigned shift) {
        float const c = static_cast<float>(hex >> shift & 0xffU) / 255;
        return c <= 0.04045F ? c / 12.92F : std::pow((c + 0.055F) / 1.055F, 2.4F);
    };
    return {channel(16), channel(8), channel(0)};
}

/// The way back: clamped to 0..1, rounded to nearest.
inline auto to_srgb(vec3 colour) -> std::array<std::uint8_t, 3>
{
    auto const byte = [](float linear) {
        float const c = std::clamp(linear, 0.0F, 1.0F);
        float const coded = c <= 0.0031308F ? 12.92F * c : 1.055F * std::pow(c, 1 / 2.4F) - 0.055F;
        return static_cast<std::uint8_t>(coded * 255 + 0.5F);
    };
    return {byte(colour.x), byte(colour.y), byte(colour.z)};
}

} // namespace haiga::image::render
