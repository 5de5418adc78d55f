#pragma once

#include <atomic>

namespace haiga::test {

/// How often this program has called operator new.
extern std::atomic<long> allocations;

} // namespace haiga::test
