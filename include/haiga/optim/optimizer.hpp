#pragma once

#include "haiga/base/parallel.hpp"

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace haiga::optim {

/// How many elements one unit of work has. Fixed, so that sums and bytes do not depend on threads.
inline constexpr std::size_t chunk_elements = 16384;

/// What changes from step to step.
struct step_inputs {
    double learning_rate = 1e-3;
    float gradient_scale = 1;   ///< gradients count times this: clipping, averaging
    std::span<float> average{}; ///< moving average of the parameters; empty: none is kept
    double average_decay = 0;   ///< average = decay * average + (1 - decay) * parameters
};

/// A part of what an optimizer remembers, for a session to write or to fill in again.
struct state_part {
    std::string_view name;
    std::span<float> values;
};

/// Changes parameters by their gradients; both are flat buffers of the size it was made for.
///
/// Law: the same bytes for every number of threads; going on from a copied state() and steps() is
///      as if it had never stopped.
/// Errors: sizes that differ are a caller's bug.
template <class O>
concept optimizer = requires(O& o, O const& c, parallelism team, std::span<float> parameters,
                             std::span<float const> gradients, step_inputs const& inputs,
                             std::int64_t steps)
{
    o.step(team, parameters, gradients, inputs);
    {
        o.state()
        } -> std::same_as<std::vector<state_part>>;
    {
        c.steps()
        } -> std::same_as<std::int64_t>; ///< done so far
    o.resume_at(steps);                  ///< after state() has been filled
};

} // namespace haiga::optim
