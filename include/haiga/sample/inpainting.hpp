#pragma once

#include "haiga/image/pixels.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace haiga::sample {

/// Where a picture is painted anew.
struct paint_mask {
    std::vector<bool> pixels;   ///< [height, width]
    std::vector<float> latents; ///< [height / scale, width / scale]: 1 where it is painted
};

/// Light is painted anew, dark stays: from half of white on. A latent pixel is what the pixel at
/// its corner is.
///
/// Shapes: mask [height, width, 3], multiples of scale.
/// Source: diffusers 0.42.1, pipelines/stable_diffusion/pipeline_stable_diffusion_inpaint.py.
inline auto read_mask(image::pixels const& mask, int scale) -> paint_mask
{
    paint_mask made;
    for (int y = 0; y < mask.height; ++y) {
        for (int x = 0; x < mask.width; ++x) {
            auto const grey = (299 * mask(x, y, 0) + 587 * mask(x, y, 1) + 114 * mask(x, y, 2));
            bool const light = 2 * grey >= 255 * 1000;
            made.pixels.push_back(light);
            if (x % scale == 0 && y % scale == 0) {
                made.latents.push_back(light ? 1.0F : 0.0F);
            }
        }
    }
    return made;
}

/// What of a picture an inpainting UNet is shown: the rest is grey.   Shapes: [height, width, 3].
inline auto hide_masked(paint_mask const& mask, std::vector<float> picture) -> std::vector<float>
{
    for (std::size_t i = 0; i < picture.size(); ++i) {
        picture[i] = mask.pixels[i / 3] ? 0.0F : picture[i];
    }
    return picture;
}

/// What an inpainting UNet sees: the noisy latents, the mask, and the latents of what it hides.
/// Shapes: latents and hidden [pixels, channels], mask [pixels] -> [pixels, 2 channels + 1].
inline void join_masked(std::span<float const> latents, std::span<float const> mask,
                        std::span<float const> hidden, std::span<float> out)
{
    auto const channels = latents.size() / mask.size();
    auto to = out.begin();
    for (std::size_t p = 0; p < mask.size(); ++p) {
        to = std::ranges::copy(latents.subspan(p * channels, channels), to).out;
        *to++ = mask[p];
        to = std::ranges::copy(hidden.subspan(p * channels, channels), to).out;
    }
}

/// Puts what is not painted anew back into a sample.
/// Shapes: sample and known [pixels, channels], mask [pixels].
inline void keep_unmasked(std::span<float const> mask, std::span<float const> known,
                          std::span<float> sample)
{
    auto const channels = sample.size() / mask.size();
    for (std::size_t i = 0; i < sample.size(); ++i) {
        auto const m = mask[i / channels];
        sample[i] = (1 - m) * known[i] + m * sample[i];
    }
}

} // namespace haiga::sample
