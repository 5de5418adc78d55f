#pragma once

#include "haiga/device/host_values.hpp"
#include "haiga/model/autoencoder_kl.hpp"
#include "haiga/model/flat_parameters.hpp"
#include "haiga/nn/make_program.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

namespace haiga::sample {

/// What is traced of an autoencoder to encode a picture, and what its parameters are loaded by:
/// those of the encoder and of quant_conv.
struct encoder_graph {
    device::graph graph;
    device::value picture = device::value::none, moments = device::value::none;

    /// Shapes: pictures [1, height, width, in_channels].   Units: pixels.
    encoder_graph(model::autoencoder_config const& c, std::int64_t height, std::int64_t width,
                  dtype storage = dtype::f32)
        : graph(storage)
    {
        picture = graph.input(storage, {1, height, width, c.in_channels});
        moments = model::encode_moments(model::scope(graph, {.trained = false}), c, picture);
        graph.keep(moments);
    }
};

/// The latents of a picture, as a distribution.   Shapes: all [height, width, latent_channels].
struct latent_distribution {
    std::vector<float> mean, deviation;

    /// Latents as a UNet sees them: mean + deviation * noise, scaled.
    [[nodiscard]] auto draw(model::autoencoder_config const& c, std::span<float const> noise) const
        -> std::vector<float>
    {
        std::vector<float> latents(mean.size());
        auto const scale = static_cast<float>(c.scaling_factor);
        auto const shift = static_cast<float>(c.shift_factor.value_or(0));
        for (std::size_t i = 0; i < latents.size(); ++i) {
            latents[i] = scale * (mean[i] + deviation[i] * noise[i] - shift);
        }
        return latents;
    }
};

/// An autoencoder's encoder bound to memory, for pictures of one size.
template <device::host_backend B>
class latent_encoder {
public:
    /// parameters: encoder_graph's flat buffer; it outlives the encoder.   Errors: out_of_memory.
    static auto make(B& b, encoder_graph traced, std::span<float const> parameters)
        -> result<latent_encoder>
    {
        latent_encoder made(b, std::move(traced));
        auto const& g = made.traced_.graph;
        HAIGA_CHECK(parameters.size() == model::flat_size<float>(g));
        HAIGA_TRY(auto program,
                  nn::make_program(b, g, {const_cast<float*>(parameters.data()), nullptr}));
        made.program_.emplace(std::move(program));
        return made;
    }

    /// Shapes: picture [height scale, width scale, in_channels].   Units: from -1 to 1.
    /// Errors: those of the backend.
    /// Source: diffusers 0.42.1, models/autoencoders/vae.py, DiagonalGaussianDistribution.
    auto encode(std::span<float const> picture) -> result<latent_distribution>
    {
        device::write_values(program_->view(traced_.picture), picture);
        program_->run();
        HAIGA_TRY_VOID(b_->synchronize());
        auto const view = program_->view(traced_.moments);
        std::vector<float> moments(static_cast<std::size_t>(view.elements()));
        device::read_values(view, moments);
        auto const channels = static_cast<std::size_t>(view.shape()[3] / 2);
        latent_distribution made;
        for (std::size_t i = 0; i < moments.size(); ++i) {
            bool const is_mean = i / channels % 2 == 0;
            (is_mean ? made.mean : made.deviation)
                .push_back(is_mean ? moments[i]
                                   : std::exp(0.5F * std::clamp(moments[i], -30.0F, 20.0F)));
        }
        return made;
    }

private:
    latent_encoder(B& b, encoder_graph traced) : b_(&b), traced_(std::move(traced)) {}

    B* b_;
    encoder_graph traced_;
    std::optional<device::program<B>> program_;
};

} // namespace haiga::sample
