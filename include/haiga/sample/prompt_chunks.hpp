#pragma once

#include "haiga/sample/prompt_weights.hpp"
#include "haiga/tokenizer/clip_window.hpp"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::sample {

/// A window of a text encoder: the start, up to 75 tokens, the end, padding; and for each token how
/// much its embedding is scaled. That of start, end and padding is 1.
struct weighted_chunk {
    std::vector<tokenizer::token_id> tokens; ///< tokenizer::clip_window of them
    std::vector<float> weights;              ///< as many
};

struct chunk_options {
    /// A phrase is not cut where a comma is at most so many tokens away: what follows the comma
    /// goes to the next chunk. 0: it is cut.
    std::size_t comma_backtrack = 20;
};

namespace detail {

class chunk_writer {
public:
    chunk_writer(tokenizer::clip const& t, chunk_options const& o)
        : tokenizer_(t), options_(o), comma_(t.encode(","))
    {
    }

    void add(tokenizer::token_id token, float weight)
    {
        bool const is_comma = comma_.size() == 1 && token == comma_[0];
        if (tokens_.size() == tokenizer::clip_chunk && !is_comma && comma_end_ != 0 &&
            tokens_.size() - comma_end_ < options_.comma_backtrack) {
            finish_at(comma_end_);
        } else if (tokens_.size() == tokenizer::clip_chunk) {
            finish();
        }
        tokens_.push_back(token);
        weights_.push_back(weight);
        comma_end_ = is_comma ? tokens_.size() : comma_end_;
    }

    void finish() { finish_at(tokens_.size()); }

    auto take() && -> std::vector<weighted_chunk>
    {
        if (!tokens_.empty() || chunks_.empty()) {
            finish();
        }
        return std::move(chunks_);
    }

private:
    /// What is behind begins the next chunk.
    void finish_at(std::size_t count)
    {
        auto const far = static_cast<std::ptrdiff_t>(count);
        weighted_chunk chunk{tokenizer::window_of(tokenizer_, std::span(tokens_).first(count)),
                             {1}};
        chunk.weights.insert(chunk.weights.end(), weights_.begin(), weights_.begin() + far);
        chunk.weights.resize(tokenizer::clip_window, 1);
        chunks_.push_back(std::move(chunk));
        tokens_.erase(tokens_.begin(), tokens_.begin() + far);
        weights_.erase(weights_.begin(), weights_.begin() + far);
        comma_end_ = 0;
    }

    tokenizer::clip const& tokenizer_;
    chunk_options options_;
    std::vector<tokenizer::token_id> comma_;
    std::vector<tokenizer::token_id> tokens_;
    std::vector<float> weights_;
    std::size_t comma_end_ = 0; ///< behind the last comma of this chunk; 0 where it has none
    std::vector<weighted_chunk> chunks_;
};

} // namespace detail

/// The chunks of weighted texts, at least one. Each text is cut into tokens by itself.
/// Source: AUTOMATIC1111/stable-diffusion-webui, modules/sd_hijack_clip.py.
inline auto chunks_of(tokenizer::clip const& t, std::span<weighted_text const> texts,
                      chunk_options const& options = {}) -> std::vector<weighted_chunk>
{
    detail::chunk_writer writer(t, options);
    for (auto const& part : texts) {
        if (part.breaks) {
            writer.finish();
        }
        for (auto const token : t.encode(part.text)) {
            writer.add(token, part.weight);
        }
    }
    return std::move(writer).take();
}

} // namespace haiga::sample
