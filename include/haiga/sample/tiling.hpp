#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace haiga::sample {

/// Tiles of one size along an axis that cover it, spread evenly, each overlapping its neighbours by
/// at least what was asked for; one of the axis's own size where a tile would be larger.
class tiling {
public:
    /// Errors: an empty axis, and an overlap that is no smaller than a tile, are a caller's bug.
    tiling(std::int64_t extent, std::int64_t tile, std::int64_t overlap)
        : extent_(extent), tile_(std::min(tile, extent)), overlap_(overlap)
    {
        HAIGA_CHECK(extent > 0 && overlap >= 0 && overlap < tile, "tiles of ", tile,
                    " that overlap by ", overlap, " over ", extent);
        count_ = extent <= tile ? 1 : (extent - overlap + tile - overlap - 1) / (tile - overlap);
    }

    [[nodiscard]] auto count() const -> std::int64_t { return count_; }
    [[nodiscard]] auto size() const -> std::int64_t { return tile_; }

    /// Where tile i begins.
    [[nodiscard]] auto operator[](std::int64_t i) const -> std::int64_t
    {
        return count_ == 1 ? 0 : i * (extent_ - tile_) / (count_ - 1);
    }

    /// How much of every position of tile i is taken from it, where a tile's position is `scale` of
    /// the result's: a ramp where tiles overlap.   Law: over all tiles it sums to 1.
    [[nodiscard]] auto weights(std::int64_t i, std::int64_t scale) const -> std::vector<float>
    {
        std::vector<float> own(static_cast<std::size_t>(tile_ * scale));
        for (std::int64_t x = 0; x < tile_ * scale; ++x) {
            double sum = 0;
            for (std::int64_t other = 0; other < count_; ++other) {
                sum += ramp(x + ((*this)[i] - (*this)[other]) * scale, scale);
            }
            own[static_cast<std::size_t>(x)] = static_cast<float>(ramp(x, scale) / sum);
        }
        return own;
    }

private:
    /// Rises over the first overlap and falls over the last; 0 beyond the tile.
    [[nodiscard]] auto ramp(std::int64_t x, std::int64_t scale) const -> double
    {
        auto const edge = std::min(x, tile_ * scale - 1 - x);
        auto const width = std::max<std::int64_t>(1, overlap_ * scale);
        return edge < 0
                   ? 0
                   : std::min(1.0, (static_cast<double>(edge) + 0.5) / static_cast<double>(width));
    }

    std::int64_t extent_, tile_, overlap_, count_ = 1;
};

} // namespace haiga::sample
