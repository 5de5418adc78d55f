#pragma once

#include "haiga/model/clip_text.hpp"
#include "haiga/model/flat_parameters.hpp"
#include "haiga/nn/make_program.hpp"
#include "haiga/tokenizer/clip_window.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

namespace haiga::sample {

/// Which of an encoder's states a UNet looks at.
struct text_reading {
    bool joined = false; ///< as SDXL: before the last layer, not normalised; else the last
    int clip_skip = 0;   ///< how many layers before that
    bool pooled = false; ///< also the projection of where the text ends
};

/// What is traced of a text encoder for one window of tokens.
struct text_graph {
    device::graph graph;
    device::value tokens = device::value::none, states = device::value::none,
                  pooled = device::value::none;

    /// Errors: a configuration that check() refuses, and a clip_skip that is_deep_enough refuses,
    ///         are a caller's bug.
    text_graph(model::clip_text_config const& c, text_reading const& reading)
    {
        auto const window = static_cast<std::int64_t>(tokenizer::clip_window);
        tokens = graph.input(dtype::i32, {1, window});
        model::scope const root(graph, {.trained = false});
        auto const made = model::clip_text(root, c, tokens);
        auto const skip = static_cast<std::size_t>(reading.clip_skip);
        states = reading.joined ? made.hidden_states.at(made.hidden_states.size() - 2 - skip)
                                : model::text_state(root, c, made, skip);
        graph.keep(states);
        if (reading.pooled) {
            HAIGA_CHECK(c.with_projection, "no projection to pool with");
            pooled = made.text_embeds;
            graph.keep(pooled);
        }
    }
};

/// Errors: invalid, naming clip_skip, where there are not that many layers to leave out.
inline auto check_clip_skip(model::clip_text_config const& c, text_reading const& reading)
    -> result<>
{
    int const most = c.num_hidden_layers - (reading.joined ? 1 : 0);
    return reading.clip_skip >= 0 && reading.clip_skip <= most
               ? result<>()
               : fail(errc::invalid, "clip skip ", reading.clip_skip, ": expected 0 to ", most,
                      ", the text encoder has ", c.num_hidden_layers, " layers");
}

/// A text encoder bound to memory: one window of tokens at a time.
template <device::host_backend B>
class text_encoder {
public:
    /// parameters: text_graph's flat buffer; it outlives the encoder.   Errors: out_of_memory.
    static auto make(B& b, text_graph traced, std::span<float const> parameters)
        -> result<text_encoder>
    {
        text_encoder made(b, std::move(traced));
        auto const& g = made.traced_.graph;
        HAIGA_CHECK(parameters.size() == model::flat_size<float>(g));
        HAIGA_TRY(auto program,
                  nn::make_program(b, g, {const_cast<float*>(parameters.data()), nullptr}));
        made.program_.emplace(std::move(program));
        return made;
    }

    /// Runs a window; then states() [77, hidden_size] and pooled() [projection_dim], or nothing,
    /// are what it made of it.
    /// Errors: invalid for a token that the encoder has no embedding for; those of the backend.
    auto run(std::span<tokenizer::token_id const> window) -> result<>
    {
        auto const ids = program_->view(traced_.tokens).template as<std::int32_t>().flat();
        HAIGA_CHECK(window.size() == ids.size(), window.size(), " tokens");
        auto const rows = traced_.graph.parameters().front().shape[0]; // the table of tokens
        auto const most = *std::ranges::max_element(window);
        if (most >= rows) {
            return fail(errc::invalid, "the tokenizer's token ", most, " is beyond the ", rows,
                        " of the text encoder");
        }
        std::ranges::copy(window, ids.begin());
        program_->run();
        return b_->synchronize();
    }

    [[nodiscard]] auto states() const -> std::span<float const> { return read(traced_.states); }
    [[nodiscard]] auto pooled() const -> std::span<float const> { return read(traced_.pooled); }

private:
    text_encoder(B& b, text_graph traced) : b_(&b), traced_(std::move(traced)) {}

    [[nodiscard]] auto read(device::value v) const -> std::span<float const>
    {
        return v == device::value::none ? std::span<float const>()
                                        : program_->view(v).template as<float const>().flat();
    }

    B* b_;
    text_graph traced_;
    std::optional<device::program<B>> program_;
};

} // namespace haiga::sample
