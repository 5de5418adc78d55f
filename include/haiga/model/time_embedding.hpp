#pragma once

#include "haiga/model/layers.hpp"
#include "haiga/nn/silu.hpp"

namespace haiga::model {

/// The two layers between sinusoids (or other features) and what resnet blocks are told.
///
/// Shapes: x [N, in] -> [N, width].
/// Source: diffusers 0.42.1, models/embeddings.py, TimestepEmbedding.
inline auto time_embedding(scope const& at, value x, std::int64_t width) -> value
{
    auto const hidden = linear(at / "linear_1", x, width);
    return linear(at / "linear_2", nn::silu(at.traced(), hidden), width);
}

} // namespace haiga::model
