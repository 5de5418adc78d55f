#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace haiga::schema {

/// What searches write; it grows to what the largest of them needs, and then nothing is allocated.
/// One a thread; any patterns may share it.
struct pattern_scratch {
    std::vector<std::uint32_t> threads;
    std::vector<std::uint32_t> next_threads;
    std::vector<std::uint32_t> pending;
    std::vector<std::uint64_t> reached; ///< by instruction: the last place where it was
    std::uint64_t place = 0;
    std::vector<std::vector<std::uint64_t>> looks; ///< by look: a bit a byte of the text

    struct choice {
        std::uint32_t what;
        std::uint32_t number;
        std::size_t place;
    };
    std::vector<choice> choices;
    std::vector<std::size_t> registers;
};

} // namespace haiga::schema
