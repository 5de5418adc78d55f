#pragma once

#include "haiga/base/result.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

namespace haiga {

/// An array of zeros of one size, straight from the system, for what is large and filled once, as a
/// model's weights.
///
/// Cost: none until a page is touched; whichever thread touches it first has the system clear it. A
///       vector writes all of its zeros at once, on one thread. Huge pages where the system gives
///       them: a five-hundredth of the page faults.
/// Alignment: 2 MiB.
template <class T>
requires std::is_arithmetic_v<T>
class page_array {
public:
    using value_type = T;

    page_array() = default;

    /// Errors: out_of_memory where the system promises no more.
    [[nodiscard]] static auto make(std::size_t size) -> result<page_array>
    {
        page_array made;
        if (size == 0) {
            return made;
        }
        if (size > (std::numeric_limits<std::size_t>::max() - huge_page) / sizeof(T)) {
            return fail(errc::out_of_memory, "an array of ", size, " numbers");
        }
        auto const bytes = size * sizeof(T) + huge_page; // somewhere in it a huge page begins
        void* const start =
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (start == MAP_FAILED) {
            return fail(errc::out_of_memory, bytes, " bytes");
        }
        made.start_ = start;
        made.mapped_ = bytes;
        auto const skip = huge_page - reinterpret_cast<std::uintptr_t>(start) % huge_page;
        made.data_ = reinterpret_cast<T*>(static_cast<std::byte*>(start) + skip % huge_page);
        made.size_ = size;
#ifdef MADV_HUGEPAGE
        ::madvise(start, bytes,
                  MADV_HUGEPAGE); // where there are none it fails, and nothing is lost
#endif
        return made;
    }

    page_array(page_array&& other) noexcept { swap(other); }
    auto operator=(page_array&& other) noexcept -> page_array&
    {
        swap(other);
        return *this;
    }
    ~page_array()
    {
        if (start_ != nullptr) {
            ::munmap(start_, mapped_);
        }
    }

    [[nodiscard]] auto size() const -> std::size_t { return size_; }
    [[nodiscard]] auto data() -> T* { return data_; }
    [[nodiscard]] auto data() const -> T const* { return data_; }
    [[nodiscard]] auto begin() -> T* { return data_; }
    [[nodiscard]] auto begin() const -> T const* { return data_; }
    [[nodiscard]] auto end() -> T* { return data_ + size_; }
    [[nodiscard]] auto end() const -> T const* { return data_ + size_; }
    [[nodiscard]] auto operator[](std::size_t i) -> T& { return data_[i]; }
    [[nodiscard]] auto operator[](std::size_t i) const -> T const& { return data_[i]; }

private:
    static constexpr std::size_t huge_page = std::size_t{2} << 20U;

    void swap(page_array& other)
    {
        std::swap(start_, other.start_);
        std::swap(mapped_, other.mapped_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
    }

    void* start_ = nullptr; ///< of what was mapped
    std::size_t mapped_ = 0;
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace haiga
