#pragma once

#include "haiga/train/trainer.hpp"

namespace haiga::train {

/// What a training takes, in bytes, told from its trace: nothing is allocated.
struct memory_estimate {
    std::size_t parameters = 0;  ///< with gradients, moments and the average
    std::size_t activations = 0; ///< the arena
    std::size_t pictures = 0;    ///< one batch, and all photographs

    [[nodiscard]] auto total() const -> std::size_t { return parameters + activations + pictures; }
};

/// The recipe is one that check() passes.
inline auto memory_of(recipe const& r, std::size_t photos) -> memory_estimate
{
    auto const traced = trace_step(r);
    auto const planned = device::plan(traced.graph);
    auto const side = static_cast<std::size_t>(r.model.size);
    auto const picture = side * side * 3 * sizeof(float);
    return {5 * planned.parameter_bytes, planned.arena_bytes,
            (2 * static_cast<std::size_t>(r.batch) + photos) * picture};
}

} // namespace haiga::train
