#pragma once

#include "haiga/device/backend.hpp"
#include "haiga/tensor/tensor.hpp"

#include <vector>

namespace haiga::device {

/// Threads, and scratch memory of each and of all. What multiplies on the host derives from it:
/// an op that multiplies nothing is compiled for it, once for all of them.
class workspace {
public:
    explicit workspace(parallelism team = parallelism::all_cores())
        : team_(team), scratch_(static_cast<std::size_t>(team.threads) + 1)
    {
    }

    [[nodiscard]] auto team() const -> parallelism { return team_; }

    /// Grows when more is asked for than before, so a second run allocates nothing.
    auto scratch(int thread, std::size_t bytes) -> void*
    {
        auto& memory_of_thread = scratch_[static_cast<std::size_t>(thread)];
        if (memory_of_thread.size() < bytes) {
            memory_of_thread.clear();
            memory_of_thread.resize(bytes);
        }
        return memory_of_thread.data();
    }
    auto shared_scratch(std::size_t bytes) -> void* { return scratch(team_.threads, bytes); }

    [[nodiscard]] auto scratch_bytes() const -> std::size_t
    {
        std::size_t sum = 0;
        for (auto const& s : scratch_) {
            sum += s.size();
        }
        return sum;
    }

private:
    parallelism team_;
    std::vector<aligned_vector<std::byte>> scratch_;
};

static_assert(host<workspace> && !backend<workspace>);

} // namespace haiga::device
