#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace haiga::catalog {

/// What decides the names and shapes of a UNet's parameters. Levels count from the outermost; up
/// blocks mirror the down blocks and have one layer more.
struct unet_layout {
    std::int64_t in_channels = 4;
    std::int64_t out_channels = 4;
    std::vector<std::int64_t> channels = {320, 640, 1280, 1280}; ///< of each level
    int layers = 2;                         ///< resnets of each level on the way down
    std::vector<int> depths = {1, 1, 1, 0}; ///< transformer blocks behind each resnet of a level
    int mid_depth = 1;
    std::int64_t context = 768;     ///< channels of the text state
    bool linear_projection = false; ///< into and out of transformers; else 1x1 convolutions
    std::int64_t time_width = 1280;
    std::optional<std::int64_t> added; ///< SDXL: channels of what add_embedding is given

    friend auto operator==(unet_layout const&, unet_layout const&) -> bool = default;
};

/// Of an AutoencoderKL.
struct vae_layout {
    std::int64_t in_channels = 3;
    std::int64_t out_channels = 3;
    std::int64_t latent_channels = 4;
    std::vector<std::int64_t> channels = {128, 256, 512, 512};
    int layers = 2;    ///< resnets of each level of the encoder; the decoder has one more
    bool quant = true; ///< a 1x1 convolution behind the encoder and one before the decoder

    friend auto operator==(vae_layout const&, vae_layout const&) -> bool = default;
};

/// Of a CLIP text model.
struct text_layout {
    std::int64_t vocabulary = 49408;
    std::int64_t positions = 77;
    std::int64_t width = 768;
    std::int64_t hidden = 3072; ///< channels between the two layers of an MLP
    int layers = 12;
    std::optional<std::int64_t> projection; ///< channels of the pooled output, where there is one

    friend auto operator==(text_layout const&, text_layout const&) -> bool = default;
};

/// Of a ControlNet: the way down of a UNet, and what reads the picture that steers it.
struct controlnet_layout {
    unet_layout unet;
    std::int64_t hint_channels = 3;
    std::vector<std::int64_t> hint = {16, 32, 96, 256};

    friend auto operator==(controlnet_layout const&, controlnet_layout const&) -> bool = default;
};

/// Of Flux's transformer.
struct flux_layout {
    std::int64_t in_channels = 64;
    std::int64_t out_channels = 64;
    std::int64_t width = 3072;
    std::int64_t hidden = 12288;
    std::int64_t head = 128;     ///< channels of an attention head
    std::int64_t context = 4096; ///< channels of T5's state
    std::int64_t pooled = 768;   ///< channels of CLIP's pooled output
    std::int64_t frequencies = 256;
    int double_blocks = 19;
    int single_blocks = 38;
    bool guidance = true; ///< dev is told the strength of guidance, schnell is not

    friend auto operator==(flux_layout const&, flux_layout const&) -> bool = default;
};

} // namespace haiga::catalog
