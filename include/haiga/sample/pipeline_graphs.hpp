#pragma once

#include "haiga/sample/latent_decoder.hpp"
#include "haiga/sample/latent_encoder.hpp"
#include "haiga/sample/picture_request.hpp"
#include "haiga/sample/pipeline_config.hpp"
#include "haiga/sample/text_encoder.hpp"

#include <algorithm>
#include <limits>

namespace haiga::sample {

struct pipeline_options {
    dtype storage = dtype::f32; ///< of activations: f32 or bf16
    /// Of decoding: pictures up to 1024 pixels at once.
    tile_options tiles{.tile = 128, .overlap = 16};
};

/// Whether the largest arrays of a request can be counted: those of the UNet's outermost level,
/// where skips are joined, and of the VAE's encoder. Errors: too_large.
inline auto check_extents(pipeline_config const& c, picture_request const& r) -> result<>
{
    constexpr double most = std::numeric_limits<std::int32_t>::max() / 2;
    auto const pixels = static_cast<double>(r.width) * r.height;
    auto const scale = static_cast<double>(c.vae.scale());
    auto const painted =
        pixels / (scale * scale) * 4 * static_cast<double>(c.unet.block_out_channels[0]);
    auto const encoded = r.init ? pixels * static_cast<double>(c.vae.block_out_channels[0]) : 0;
    return std::max(painted, encoded) <= most ? result<>()
                                              : fail(errc::too_large, r.width, " x ", r.height,
                                                     " pixels are too many for this model",
                                                     encoded > painted ? " to begin from" : "");
}

/// The graphs of a request's networks: traced before any weight is read, so that memory is known.
class pipeline_graphs {
public:
    /// windows: of the texts. The request is one that check() passes; all outlive this.
    pipeline_graphs(pipeline_config const& c, picture_request const& r, std::size_t windows,
                    pipeline_options const& o)
        : config_(&c), request_(&r), windows_(windows), options_(o)
    {
    }

    [[nodiscard]] auto latent_height() const -> std::int64_t
    {
        return request_->height / config_->vae.scale();
    }
    [[nodiscard]] auto latent_width() const -> std::int64_t
    {
        return request_->width / config_->vae.scale();
    }
    [[nodiscard]] auto channels() const -> std::size_t
    {
        return static_cast<std::size_t>(config_->vae.latent_channels);
    }
    [[nodiscard]] auto latent_pixels() const -> std::size_t
    {
        return static_cast<std::size_t>(latent_height() * latent_width());
    }

    [[nodiscard]] auto denoiser() const -> denoiser_sizes
    {
        return {.height = latent_height(),
                .width = latent_width(),
                .tokens = static_cast<std::int64_t>(windows_ * tokenizer::clip_window),
                .lanes = request_->guidance.is_on() ? 2 : 1,
                .time_ids = config_->scores_aesthetics ? 5 : 6,
                .storage = options_.storage};
    }
    [[nodiscard]] auto text(model::clip_text_config const& c) const -> text_graph
    {
        return {c, reading(c)};
    }
    [[nodiscard]] auto reading(model::clip_text_config const& c) const -> text_reading
    {
        bool const joined = config_->joins_text();
        return {joined, request_->clip_skip, joined && c.with_projection};
    }
    [[nodiscard]] auto encoder() const -> encoder_graph
    {
        return {config_->vae, request_->height, request_->width, options_.storage};
    }
    [[nodiscard]] auto decoder() const -> decoder_graph
    {
        auto const side = [&](std::int64_t extent) {
            return tiling(extent, options_.tiles.tile, options_.tiles.overlap).size();
        };
        return {config_->vae, side(latent_height()), side(latent_width()), options_.storage};
    }
    [[nodiscard]] auto tiles() const -> tile_options
    {
        auto tiles = options_.tiles;
        tiles.storage = options_.storage;
        return tiles;
    }

    /// Bytes that painting takes at most at a time: parameters and arenas. The text encoders are
    /// gone before the others come.
    [[nodiscard]] auto memory() const -> std::size_t
    {
        auto const bytes = [](device::graph const& g) {
            return model::flat_size<float>(g) * sizeof(float) + device::plan(g).arena_bytes;
        };
        std::size_t reads = 0;
        for (auto const& named : config_->text) {
            reads += bytes(text(named.second).graph);
        }
        auto const encodes = request_->init ? bytes(encoder().graph) : 0;
        auto const paints =
            bytes(denoiser_graph(config_->unet, denoiser()).graph) + bytes(decoder().graph);
        return std::max({reads, encodes, paints});
    }

private:
    pipeline_config const* config_;
    picture_request const* request_;
    std::size_t windows_;
    pipeline_options options_;
};

} // namespace haiga::sample
