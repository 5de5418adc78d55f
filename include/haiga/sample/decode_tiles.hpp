#pragma once

#include "haiga/base/result.hpp"
#include "haiga/sample/tiling.hpp"

#include <span>

namespace haiga::sample {

/// Sizes of a decoding in tiles. Units: latent pixels, but for scale: pixels a latent pixel, along
/// a side.
struct tile_sizes {
    std::int64_t height = 0, width = 0;
    std::int64_t latent_channels = 4, channels = 3, scale = 8;
    std::int64_t tile = 64; ///< a side of tiles
    std::int64_t overlap = 16;

    [[nodiscard]] auto down() const -> tiling { return {height, tile, overlap}; }
    [[nodiscard]] auto across() const -> tiling { return {width, tile, overlap}; }
};

namespace detail {

/// A tile's rows, out of a picture of `width` columns.
inline void take_tile(std::span<float const> from, std::int64_t width, std::int64_t channels,
                      std::int64_t row, std::int64_t column, std::int64_t columns,
                      std::span<float> tile)
{
    auto const a_row = columns * channels;
    for (std::int64_t at = 0; at < std::ssize(tile); at += a_row, ++row) {
        auto const* const first = from.data() + (row * width + column) * channels;
        std::copy_n(first, a_row, tile.data() + at);
    }
}

/// picture += tile, weighted, from (row, column) on.
inline void add_tile(std::span<float const> tile, std::span<float const> down,
                     std::span<float const> across, std::int64_t channels, std::int64_t row,
                     std::int64_t column, std::int64_t width, std::span<float> picture)
{
    auto const* from = tile.data();
    for (auto const y : down) {
        auto* to = picture.data() + (row++ * width + column) * channels;
        for (auto const x : across) {
            for (std::int64_t c = 0; c < channels; ++c) {
                *to++ += y * x * *from++;
            }
        }
    }
}

} // namespace detail

/// A picture of latents that would not be decoded at once: tile by tile, blended where they
/// overlap. decode(tile's latents, tile's pixels) -> result<> is called for tiles of one size,
/// down().size() by across().size() latents.
///
/// Shapes: latents [height, width, latent_channels], picture [height scale, width scale, channels].
/// Errors: those of decode.
/// Cost: memory for one tile besides the picture. The result differs a little from that of decoding
///       at once, where the decoder's norms and attention see all of a picture; not so if it fits
///       into one tile.
template <class Decode>
auto decode_tiles(tile_sizes const& s, std::span<float const> latents, std::span<float> picture,
                  Decode const& decode) -> result<>
{
    HAIGA_CHECK(std::ssize(latents) == s.height * s.width * s.latent_channels &&
                std::ssize(picture) == s.height * s.width * s.scale * s.scale * s.channels);
    auto const [down, across] = std::pair(s.down(), s.across());
    auto const pixels = down.size() * across.size();
    std::vector<float> tile(static_cast<std::size_t>(pixels * s.latent_channels));
    std::vector<float> decoded(static_cast<std::size_t>(pixels * s.scale * s.scale * s.channels));
    std::ranges::fill(picture, 0.0F);
    for (std::int64_t i = 0; i < down.count(); ++i) {
        auto const rows = down.weights(i, s.scale);
        for (std::int64_t j = 0; j < across.count(); ++j) {
            detail::take_tile(latents, s.width, s.latent_channels, down[i], across[j],
                              across.size(), tile);
            HAIGA_TRY_VOID(decode(std::span<float const>(tile), std::span<float>(decoded)));
            detail::add_tile(decoded, rows, across.weights(j, s.scale), s.channels,
                             down[i] * s.scale, across[j] * s.scale, s.width * s.scale, picture);
        }
    }
    return {};
}

} // namespace haiga::sample
