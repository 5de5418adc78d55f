#include "tests/device/allocations.hpp"

#include "tests/sanitized.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace haiga::test {

std::atomic<long> allocations = 0;

} // namespace haiga::test

#if !defined(HAIGA_TEST_SANITIZED) // sanitizers have operators of their own
namespace {

auto counted(std::size_t bytes, std::size_t alignment) -> void*
{
    ++haiga::test::allocations;
    auto const whole = (bytes + alignment - 1) / alignment * alignment;
    if (auto* const p = std::aligned_alloc(alignment, std::max(whole, alignment))) {
        return p;
    }
    throw std::bad_alloc();
}

} // namespace

// the replaceable functions that the others call
void* operator new(std::size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment)
{
    return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
#endif
