#pragma once

#include "haiga/base/philox.hpp"
#include "haiga/image/pixels.hpp"
#include "haiga/train/recipe.hpp"

#include <vector>

namespace haiga::test {

/// A painter with every block type that compiles and trains in an instant.
inline auto tiny_recipe() -> train::recipe
{
    train::recipe r;
    r.model.size = 8;
    r.model.text_tokens = 2;
    r.model.frequencies = 2;
    auto& u = r.model.unet;
    u.in_channels = 11;
    u.out_channels = 3;
    u.block_out_channels = {8, 16};
    u.down_block_types = {"DownBlock2D", "CrossAttnDownBlock2D"};
    u.up_block_types = {"CrossAttnUpBlock2D", "UpBlock2D"};
    u.layers_per_block = 1;
    u.norm_num_groups = 4;
    u.cross_attention_dim = 12;
    u.attention_head_dim = 2;
    r.steps = 6;
    r.batch = 3;
    r.save_every = 2;
    r.seed = 7;
    r.rate = {.rate = 3e-3, .shape = optim::rate_shape::cosine, .warmup = 2};
    return r;
}

/// Pictures of noise: nothing about them can be guessed.
inline auto noisy_photos(int count, int size) -> std::vector<image::pixels>
{
    std::vector<image::pixels> photos;
    for (int i = 0; i < count; ++i) {
        auto random = philox{2026, 11}.at(0, static_cast<std::uint32_t>(i));
        auto& photo = photos.emplace_back(size, size, 3);
        for (auto& value : photo.values) {
            value = static_cast<std::uint8_t>(random.below(256));
        }
    }
    return photos;
}

} // namespace haiga::test
