#pragma once

#include "haiga/base/philox.hpp"

#include <chrono>

namespace haiga_test {

/// In [0, 1), other ones each time.
inline auto random_share() -> double
{
    static auto random = [] {
        auto const now = std::chrono::steady_clock::now().time_since_epoch().count();
        return haiga::philox{static_cast<std::uint64_t>(now), 0}.at(0, 0);
    }();
    return random() * 0x1p-32;
}

} // namespace haiga_test
