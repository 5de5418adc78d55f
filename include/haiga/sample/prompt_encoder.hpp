#pragma once

#include "haiga/sample/prompt.hpp"
#include "haiga/sample/text_condition.hpp"
#include "haiga/sample/text_encoder.hpp"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::sample {

/// A prompt as the tokenizers of a pipeline read it, one or two.
using prompt_readings = std::vector<std::vector<composed_prompt>>;

/// Errors: those of read_prompt.
inline auto read_prompts(std::span<tokenizer::clip const> tokenizers, std::string_view prompt,
                         int steps) -> result<prompt_readings>
{
    prompt_readings readings;
    for (auto const& t : tokenizers) {
        HAIGA_TRY(auto reading, read_prompt(t, prompt, steps));
        readings.push_back(std::move(reading));
    }
    return readings;
}

/// How many windows the longest text of some prompts has.
inline auto windows_of(prompt_readings const& readings) -> std::size_t
{
    std::size_t most = 1;
    for (auto const& reading : readings) {
        for (auto const& composed : reading) {
            for (auto const& range : composed.ranges) {
                most = std::max(most, range.chunks.size());
            }
        }
    }
    return most;
}

/// What a prompt says at each step.
struct encoded_prompt {
    std::vector<text_condition> conditions;
    std::vector<conditioned_steps> composed; ///< which of them each of the composed prompts means
};

inline constexpr std::size_t max_encoded_windows = 4096; ///< of all that a prompt says

/// The text encoders of a pipeline: each with its tokenizer, both run over the same texts.
template <device::host_backend B>
class prompt_encoder {
public:
    void add(tokenizer::clip const& t, text_encoder<B> encoder)
    {
        readers_.push_back({&t, std::move(encoder), {}});
    }

    /// Shapes: states [windows 77, widths of all encoders]; texts with fewer windows are followed
    /// by
    ///         those of an empty text, as prompts that are compared must be of one length.
    /// Errors: too_large above max_encoded_windows; those of text_encoder::run.
    auto encode(prompt_readings const& readings, int steps, std::size_t windows)
        -> result<encoded_prompt>
    {
        encoded_prompt made;
        std::map<std::vector<window_key>, std::size_t> known;
        for (std::size_t c = 0; c < readings[0].size(); ++c) {
            conditioned_steps told{readings[0][c].weight, {}};
            for (std::size_t r = 0; r < readings[0][c].ranges.size(); ++r) {
                auto const keys = keys_of(readings, c, r, windows);
                auto const [at, is_new] = known.emplace(keys, made.conditions.size());
                if (is_new && known.size() * windows > max_encoded_windows) {
                    return fail(errc::too_large, "prompt: more than ", max_encoded_windows,
                                " windows of 75 tokens in what it says at ", steps, " steps");
                }
                if (is_new) {
                    HAIGA_TRY(auto condition, encode_keys(keys));
                    made.conditions.push_back(std::move(condition));
                }
                auto const& range = readings[0][c].ranges[r];
                told.at.resize(static_cast<std::size_t>(range.last), at->second);
            }
            made.composed.push_back(std::move(told));
        }
        return made;
    }

private:
    using window_key = std::pair<std::vector<tokenizer::token_id>, std::vector<float>>;

    struct encoded_window {
        std::vector<float> states, pooled;
    };
    struct reader {
        tokenizer::clip const* tokenizer;
        text_encoder<B> encoder;
        std::map<window_key, encoded_window> known;
    };

    /// The windows of one range, all of the first reader's before those of the second.
    [[nodiscard]] auto keys_of(prompt_readings const& readings, std::size_t composed,
                               std::size_t range, std::size_t windows) const
        -> std::vector<window_key>
    {
        std::vector<window_key> keys;
        for (std::size_t i = 0; i < readers_.size(); ++i) {
            auto const& chunks = readings[i][composed].ranges[range].chunks;
            for (std::size_t w = 0; w < windows; ++w) {
                if (w < chunks.size()) {
                    keys.emplace_back(chunks[w].tokens, chunks[w].weights);
                } else {
                    keys.emplace_back(tokenizer::window_of(*readers_[i].tokenizer, {}),
                                      std::vector<float>(tokenizer::clip_window, 1));
                }
            }
        }
        return keys;
    }

    auto encode_window(reader& r, window_key const& key) -> result<encoded_window const*>
    {
        auto const [at, is_new] = r.known.emplace(key, encoded_window{});
        if (is_new) {
            HAIGA_TRY_VOID(r.encoder.run(key.first));
            auto const states = r.encoder.states();
            auto const pooled = r.encoder.pooled();
            at->second.states.assign(states.begin(), states.end());
            at->second.pooled.assign(pooled.begin(), pooled.end());
            emphasize(key.second, at->second.states);
        }
        return &at->second;
    }

    auto encode_keys(std::vector<window_key> const& keys) -> result<text_condition>
    {
        text_condition made;
        auto const windows = keys.size() / readers_.size();
        for (std::size_t w = 0; w < windows; ++w) {
            std::vector<encoded_window const*> sides;
            for (std::size_t i = 0; i < readers_.size(); ++i) {
                HAIGA_TRY(auto const* const side,
                          encode_window(readers_[i], keys[i * windows + w]));
                sides.push_back(side);
                if (w == 0 && !side->pooled.empty()) {
                    made.pooled = side->pooled;
                }
            }
            append_joined(sides, made.states);
        }
        return made;
    }

    /// Token by token, side by side.
    static void append_joined(std::vector<encoded_window const*> const& sides,
                              std::vector<float>& states)
    {
        for (std::size_t token = 0; token < tokenizer::clip_window; ++token) {
            for (auto const* const side : sides) {
                auto const width = side->states.size() / tokenizer::clip_window;
                auto const row = std::span(side->states).subspan(token * width, width);
                states.insert(states.end(), row.begin(), row.end());
            }
        }
    }

    std::vector<reader> readers_;
};

} // namespace haiga::sample
