#pragma once

#include <cstddef>
#include <cstdint>

namespace haiga::schema {

/// What a pattern may cost; beyond, it is refused or its search ends with too_large.
struct pattern_limits {
    std::size_t max_bytes = std::size_t{1} << 20;
    std::size_t max_depth = 1000;             ///< groups within groups
    std::size_t max_instructions = 1U << 17U; ///< what counts like {1000} multiply
    std::size_t max_states = 4096;       ///< of an automaton; above, sets of threads are stepped
    std::uint64_t max_steps = 1'000'000; ///< of one search, and for each byte of the text
    std::uint64_t max_steps_each_byte = 2048;       ///< that many more
    std::size_t max_choices = std::size_t{1} << 22; ///< that a search with \1 remembers
};

} // namespace haiga::schema
