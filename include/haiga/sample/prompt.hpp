#pragma once

#include "haiga/sample/prompt_chunks.hpp"
#include "haiga/sample/prompt_schedule.hpp"
#include "haiga/sample/prompt_weights.hpp"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::sample {

/// What a text encoder gets during some steps.
struct conditioned_range {
    int first, last; ///< steps from 0; last is not one of them
    std::vector<weighted_chunk> chunks;
};

/// One of the prompts between ANDs; their predictions are added with these weights.
struct composed_prompt {
    float weight;
    std::vector<conditioned_range> ranges; ///< every step is in one, in order
};

inline constexpr std::size_t max_prompt_chunks = std::size_t{1} << 16U; ///< of all ranges

namespace detail {

/// "a dog :0.5" is "a dog" with a weight of 0.5, among composed prompts.
inline auto split_weight(std::string_view text) -> std::pair<std::string_view, float>
{
    auto const colon = text.rfind(':');
    if (colon == text.npos) {
        return {text, 1.0F};
    }
    auto const closed = concat(text.substr(colon), ')');
    auto const weight = closing_weight_at(closed);
    if (!weight || weight->length != closed.size()) {
        return {text, 1.0F};
    }
    return {without_space_behind(text.substr(0, colon)), static_cast<float>(weight->weight)};
}

} // namespace detail

/// A prompt as the web UI's users write it: composed ("a cat AND a dog :0.5"), scheduled
/// (schedule_prompt), weighted (read_weights) and cut into chunks. (The web UI takes a weight from
/// the end of any prompt; here one without AND may end in "16:9".)
///
/// Errors: those of schedule_prompt; too_large above max_prompt_chunks.
/// Source: AUTOMATIC1111/stable-diffusion-webui, modules/prompt_parser.py; of AND: Liu et al. 2022,
///         arXiv:2206.01714.
inline auto read_prompt(tokenizer::clip const& t, std::string_view prompt, int steps,
                        chunk_options const& options = {}) -> result<std::vector<composed_prompt>>
{
    constexpr std::string_view word = "AND";
    std::vector<composed_prompt> composed;
    std::size_t chunks = 0;
    for (std::size_t from = 0; from != prompt.npos;) {
        auto const end = detail::find_word(prompt, word, from);
        auto const part = prompt.substr(from, end - from);
        auto const [text, weight] =
            part.size() == prompt.size() ? std::pair(part, 1.0F) : detail::split_weight(part);
        HAIGA_TRY(auto const ranges, schedule_prompt(text, steps));
        auto& made = composed.emplace_back(composed_prompt{weight, {}});
        for (auto const& range : ranges) {
            made.ranges.push_back(
                {range.first, range.last, chunks_of(t, read_weights(range.text), options)});
            chunks += made.ranges.back().chunks.size();
            if (chunks > max_prompt_chunks) {
                return fail(errc::too_large, "prompt: more than ", max_prompt_chunks, " chunks");
            }
        }
        from = end == prompt.npos ? end : end + word.size();
    }
    return composed;
}

} // namespace haiga::sample
