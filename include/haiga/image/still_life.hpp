#pragma once

#include "haiga/base/parallel.hpp"
#include "haiga/base/philox.hpp"
#include "haiga/image/pixels.hpp"
#include "haiga/image/render/srgb.hpp"
#include "haiga/image/render/stage.hpp"

#include <array>

namespace haiga::image {

namespace detail {

struct still_life_view {
    render::camera camera;
    render::stage stage;
};

struct set {
    render::vec3 backdrop;
    render::vec3 ground;
};

/// Each time round, every backdrop stands on another ground: after a light one on a dark one.
inline auto set_colours(int index) -> set
{
    constexpr std::array<std::array<std::uint32_t, 2>, 8> palette = {{{0x1f5f6b, 0xe3c79a},
                                                                      {0xf6dcc3, 0x8c2f25},
                                                                      {0x1d2b53, 0x9cc3dd},
                                                                      {0xf2c744, 0x2f6b46},
                                                                      {0xd9d2ec, 0x43336e},
                                                                      {0x5b1736, 0xeaa9b4},
                                                                      {0xbfe3d0, 0x1f4038},
                                                                      {0x33343a, 0xe5843a}}};
    auto const i = static_cast<std::size_t>(index);
    auto const round = i / palette.size();
    return {render::from_srgb(palette[i % palette.size()][0]),
            render::from_srgb(palette[(i + 4 * round + round / 2) % palette.size()][1])};
}

/// What picture `index` shows. Colours, sides and angles go round in steps that share no period,
/// so that neighbours differ in all of them; chance moves each a little.
inline auto arrange(int index, std::uint64_t seed) -> still_life_view
{
    using render::vec3;
    auto dice = philox{seed}.at(0, static_cast<std::uint32_t>(index));
    // one draw a statement or a member: the order of a call's arguments is the compiler's choice
    auto const around = [&](float middle, float spread) {
        return middle + spread * (static_cast<float>(dice() >> 8U) * 0x1p-23F - 1);
    };
    float const turn = std::fmod(static_cast<float>(index) * 0.618034F + 0.5F, 1.0F) * 2 - 1;
    float const side = index % 2 == 0 ? 1.0F : -1.0F;
    float const yaw = 1.15F * turn + around(0, 0.08F);
    vec3 const target = {around(0, 0.10F), around(0.86F, 0.06F), 0};
    float const pitch = around(0.30F, 0.16F);
    float const roll = around(0, 0.12F);
    float const away = around(6.2F, 0.5F);
    float const lamp_yaw = yaw + side * around(0.85F, 0.35F);
    float const lamp_height = around(0.80F, 0.18F);
    render::puppy const puppy({.turn = 0.45F * yaw + around(0, 0.30F),
                               .nod = around(0.02F, 0.12F),
                               .lean = around(0, 0.22F),
                               .wag = around(0, 1.0F)});
    auto const [backdrop, ground] = set_colours(index);
    return {render::camera::around(target, yaw, pitch, roll, away, 5.1F),
            {puppy, render::frame::turned(lamp_yaw, -lamp_height, 0).forward, backdrop, ground}};
}

/// Where sample i of a pixel is, in pixels from the picture's edge.
inline auto pixel_offset(int pixel, int i, int across) -> float
{
    return static_cast<float>(pixel) + (static_cast<float>(i) + 0.5F) / static_cast<float>(across);
}

/// The mean colour of `across` x `across` rays through a pixel.
inline auto look_through(still_life_view const& view, int x, int y, int size, int across)
    -> render::vec3
{
    float const half = static_cast<float>(size) / 2;
    render::vec3 sum;
    for (int j = 0; j < across; ++j) {
        for (int i = 0; i < across; ++i) {
            float const right = pixel_offset(x, i, across) / half - 1;
            float const down = pixel_offset(y, j, across) / half - 1;
            sum = sum + view.stage.look(view.camera.through(right, -down));
        }
    }
    return sum * (1 / static_cast<float>(across * across));
}

/// Whether a pixel differs visibly from one of its neighbours.
inline auto is_edge(pixels const& picture, int x, int y) -> bool
{
    constexpr int visible = 10;
    for (int v = std::max(y - 1, 0); v <= std::min(y + 1, picture.height - 1); ++v) {
        for (int u = std::max(x - 1, 0); u <= std::min(x + 1, picture.width - 1); ++u) {
            for (int c = 0; c < 3; ++c) {
                if (std::abs(picture(u, v, c) - picture(x, y, c)) > visible) {
                    return true;
                }
            }
        }
    }
    return false;
}

inline void put(pixels& picture, int x, int y, render::vec3 colour)
{
    auto const bytes = render::to_srgb(colour);
    std::copy(bytes.begin(), bytes.end(), &picture(x, y));
}

} // namespace detail

/// A picture of this library's own subject, a glazed figure of a puppy: the same in every picture,
/// posed, lit and set differently in each. For whoever has no photographs at hand.
///
/// Shapes: [size, size, 3], sRGB.   Order: the same bytes for any number of threads.
/// Cost:   one ray a pixel, four more where the picture is not smooth.
inline auto still_life(int index, int size, parallelism team = {}, std::uint64_t seed = 0) -> pixels
{
    HAIGA_CHECK(index >= 0 && size > 0, "picture ", index, " of size ", size);
    auto const view = detail::arrange(index, seed);
    pixels once(size, size, 3);
    parallel_for(team, size, [&](std::ptrdiff_t row, int) {
        int const y = static_cast<int>(row);
        for (int x = 0; x < size; ++x) {
            detail::put(once, x, y, detail::look_through(view, x, y, size, 1));
        }
    });
    auto picture = once;
    parallel_for(team, size, [&](std::ptrdiff_t row, int) {
        int const y = static_cast<int>(row);
        for (int x = 0; x < size; ++x) {
            if (detail::is_edge(once, x, y)) {
                detail::put(picture, x, y, detail::look_through(view, x, y, size, 2));
            }
        }
    });
    return picture;
}

} // namespace haiga::image
