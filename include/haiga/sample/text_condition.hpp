#pragma once

#include "haiga/sample/prompt_chunks.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

namespace haiga::sample {

/// What a UNet is told of a prompt.
struct text_condition {
    std::vector<float> states;   ///< [windows * 77, width]
    std::vector<float> pooled;   ///< [width of the projection]; SDXL's alone
    std::vector<float> time_ids; ///< sizes and the like; SDXL's alone
};

/// The condition of each step: positions among conditions.
struct conditioned_steps {
    float weight = 1; ///< among composed prompts
    std::vector<std::size_t> at;
};

/// Scales the state of each token by its weight, and all of them so that their mean is as before.
/// Weights of 1 change no bit.
///
/// Shapes: states [tokens, width], weights [tokens].
/// Source: AUTOMATIC1111/stable-diffusion-webui, modules/sd_emphasis.py, "Original".
inline void emphasize(std::span<float const> weights, std::span<float> states)
{
    if (std::ranges::all_of(weights, [](float w) { return w == 1; })) {
        return;
    }
    auto const width = states.size() / weights.size();
    double const before = std::accumulate(states.begin(), states.end(), 0.0);
    for (std::size_t token = 0; token < weights.size(); ++token) {
        for (float& x : states.subspan(token * width, width)) {
            x *= weights[token];
        }
    }
    double const after = std::accumulate(states.begin(), states.end(), 0.0);
    auto const back = static_cast<float>(before / after);
    if (std::isfinite(back)) {
        std::ranges::transform(states, states.begin(), [&](float x) { return x * back; });
    }
}

} // namespace haiga::sample
