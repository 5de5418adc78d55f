#pragma once

#include "haiga/device/host_values.hpp"
#include "haiga/model/flat_parameters.hpp"
#include "haiga/model/unet.hpp"
#include "haiga/nn/make_program.hpp"
#include "haiga/sample/text_condition.hpp"

#include <optional>
#include <span>

namespace haiga::sample {

/// Sizes that a UNet is traced for. Units: latent pixels; tokens of text.
struct denoiser_sizes {
    std::int64_t height = 64, width = 64;
    std::int64_t tokens = 77;
    std::int64_t lanes = 2; ///< predictions at once
    std::int64_t time_ids = 6;
    dtype storage = dtype::f32; ///< of activations
};

/// What is traced of a UNet, and what its parameters are loaded by.
struct denoiser_graph {
    device::graph graph;
    model::unet_inputs in;
    device::value output = device::value::none;

    /// Errors: a configuration that check_denoiser() refuses is a caller's bug.
    denoiser_graph(model::unet_config const& c, denoiser_sizes const& s) : graph(s.storage)
    {
        in.sample = graph.input(s.storage, {s.lanes, s.height, s.width, c.in_channels});
        in.timesteps = graph.input(dtype::f32, {s.lanes});
        in.encoder_hidden_states =
            graph.input(s.storage, {s.lanes, s.tokens, c.cross_attention_dim.at(0)});
        if (c.addition_embed_type) {
            auto const pooled =
                *c.projection_class_embeddings_input_dim - s.time_ids * *c.addition_time_embed_dim;
            in.text_embeds = graph.input(s.storage, {s.lanes, pooled});
            in.time_ids = graph.input(dtype::f32, {s.lanes, s.time_ids});
        }
        output = model::unet(model::scope(graph, {.trained = false}), c, in);
        graph.keep(output);
    }
};

/// Whether a UNet is one that is told a time and a text, and no more than SDXL's.
/// Errors: unsupported, naming the key.
inline auto check_denoiser(model::unet_config const& c) -> result<>
{
    if (c.class_embed_type || c.num_class_embeds) {
        return fail(errc::unsupported,
                    "\"class_embed_type\" and \"num_class_embeds\" must be null to paint");
    }
    if (c.out_channels != c.in_channels && 2 * c.out_channels + 1 != c.in_channels) {
        return fail(errc::unsupported, "a UNet of ", c.in_channels, " to ", c.out_channels,
                    " channels: expected as many, or a mask and a masked picture besides");
    }
    auto const& widths = c.cross_attention_dim.values();
    if (std::ranges::count(widths, widths[0]) != std::ssize(widths)) {
        return fail(errc::unsupported, "\"cross_attention_dim\" must be one for all levels");
    }
    return {};
}

/// A UNet bound to memory: predictions of one noisy picture under several conditions.
template <device::host_backend B>
class denoiser {
public:
    /// parameters: denoiser_graph's flat buffer; it outlives the denoiser.   Errors: out_of_memory.
    static auto make(B& b, model::unet_config const& c, denoiser_sizes const& s,
                     std::span<float const> parameters) -> result<denoiser>
    {
        denoiser made(b, c, s);
        auto const& g = made.traced_.graph;
        HAIGA_CHECK(parameters.size() == model::flat_size<float>(g));
        HAIGA_TRY(auto program,
                  nn::make_program(b, g, {const_cast<float*>(parameters.data()), nullptr}));
        made.program_.emplace(std::move(program));
        return made;
    }

    [[nodiscard]] auto sizes() const -> denoiser_sizes const& { return sizes_; }
    [[nodiscard]] auto arena_bytes() const -> std::size_t { return program_->arena_bytes(); }

    /// What each condition makes of a picture.
    ///
    /// Shapes: sample [height, width, in_channels], as the UNet sees it; outputs [conditions,
    /// height,
    ///         width, out_channels].   Errors: those of the backend.
    auto predict(std::span<float const> sample, float timestep,
                 std::span<text_condition const* const> conditions, std::span<float> outputs)
        -> result<>
    {
        auto const lanes = static_cast<std::size_t>(sizes_.lanes);
        auto const each = outputs.size() / conditions.size();
        for (std::size_t first = 0; first < conditions.size(); first += lanes) {
            auto const count = std::min(lanes, conditions.size() - first);
            for (std::size_t lane = 0; lane < lanes; ++lane) { // one too many repeats the last
                fill(lane, sample, *conditions[first + std::min(lane, count - 1)]);
            }
            std::ranges::fill(program_->view(traced_.in.timesteps).template as<float>().flat(),
                              timestep);
            program_->run();
            HAIGA_TRY_VOID(b_->synchronize());
            for (std::size_t lane = 0; lane < count; ++lane) {
                device::read_values(lane_of(traced_.output, lane),
                                    outputs.subspan((first + lane) * each, each));
            }
        }
        return {};
    }

private:
    denoiser(B& b, model::unet_config const& c, denoiser_sizes const& s)
        : b_(&b), sizes_(s), traced_(c, s)
    {
    }

    void fill(std::size_t lane, std::span<float const> sample, text_condition const& told)
    {
        device::write_values(lane_of(traced_.in.sample, lane), sample);
        device::write_values(lane_of(traced_.in.encoder_hidden_states, lane), told.states);
        if (traced_.in.text_embeds != device::value::none) {
            device::write_values(lane_of(traced_.in.text_embeds, lane), told.pooled);
            device::write_values(lane_of(traced_.in.time_ids, lane), told.time_ids);
        }
    }

    /// One sample of a batch.
    [[nodiscard]] auto lane_of(device::value v, std::size_t lane) const -> any_view
    {
        auto const all = program_->view(v);
        auto const each = all.elements() / sizes_.lanes;
        auto const bytes = static_cast<std::size_t>(each) * size_of(all.type());
        return {static_cast<std::byte*>(all.data()) + lane * bytes, all.type(), {each}};
    }

    B* b_;
    denoiser_sizes sizes_;
    denoiser_graph traced_;
    std::optional<device::program<B>> program_;
};

} // namespace haiga::sample
