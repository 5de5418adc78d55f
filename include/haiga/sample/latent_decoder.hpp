#pragma once

#include "haiga/device/host_values.hpp"
#include "haiga/model/autoencoder_kl.hpp"
#include "haiga/model/flat_parameters.hpp"
#include "haiga/nn/make_program.hpp"
#include "haiga/sample/decode_tiles.hpp"

#include <optional>

namespace haiga::sample {

struct tile_options {
    std::int64_t tile = 64; ///< a side, in latent pixels: 512 pixels of Stable Diffusion's
    std::int64_t overlap = 16;
    dtype storage = dtype::f32; ///< of activations
};

/// What is traced of an autoencoder to decode a tile, and what its parameters are loaded by: those
/// of the decoder and of post_quant_conv.
struct decoder_graph {
    device::graph graph;
    device::value latents = device::value::none, picture = device::value::none;

    /// Shapes: latents [1, height, width, latent_channels].
    /// Errors: a configuration that check() refuses is a caller's bug.
    decoder_graph(model::autoencoder_config const& c, std::int64_t height, std::int64_t width,
                  dtype storage = dtype::f32)
        : graph(storage)
    {
        latents = graph.input(storage, {1, height, width, c.latent_channels});
        picture = model::decode_latents(model::scope(graph, {.trained = false}), c, latents);
        graph.keep(picture);
    }
};

/// An autoencoder's decoder bound to memory: pictures of latents of one size, in tiles where they
/// are larger than one.
template <device::host_backend B>
class latent_decoder {
public:
    /// parameters: decoder_graph's flat buffer; it outlives the decoder.
    /// Errors: those of check(autoencoder_config); out_of_memory.
    static auto make(B& b, model::autoencoder_config const& c, std::int64_t height,
                     std::int64_t width, std::span<float const> parameters,
                     tile_options const& options = {}) -> result<latent_decoder>
    {
        HAIGA_TRY_VOID(model::check(c));
        latent_decoder made(b, c, height, width, options);
        auto const& g = made.traced_.graph;
        HAIGA_CHECK(parameters.size() == model::flat_size<float>(g));
        HAIGA_TRY(auto program,
                  nn::make_program(b, g, {const_cast<float*>(parameters.data()), nullptr}));
        made.program_.emplace(std::move(program));
        return made;
    }

    [[nodiscard]] auto sizes() const -> tile_sizes const& { return sizes_; }
    [[nodiscard]] auto arena_bytes() const -> std::size_t { return program_->arena_bytes(); }

    /// Shapes: latents [height, width, latent_channels], as a UNet sees them; picture
    ///         [height scale, width scale, out_channels].   Errors: those of the backend.
    auto decode(std::span<float const> latents, std::span<float> picture) -> result<>
    {
        return decode_tiles(sizes_, latents, picture,
                            [&](std::span<float const> tile, std::span<float> pixels) -> result<> {
                                device::write_values(program_->view(traced_.latents), tile);
                                program_->run();
                                HAIGA_TRY_VOID(b_->synchronize());
                                device::read_values(program_->view(traced_.picture), pixels);
                                return {};
                            });
    }

private:
    latent_decoder(B& b, model::autoencoder_config const& c, std::int64_t height,
                   std::int64_t width, tile_options const& options)
        : b_(&b), sizes_{height,    width,        c.latent_channels, c.out_channels,
                         c.scale(), options.tile, options.overlap},
          traced_(c, sizes_.down().size(), sizes_.across().size(), options.storage)
    {
    }

    B* b_;
    tile_sizes sizes_;
    decoder_graph traced_;
    std::optional<device::program<B>> program_;
};

} // namespace haiga::sample
