#pragma once

#include "haiga/tensor/view.hpp"

#include <cstddef>
#include <new>
#include <vector>

namespace haiga {

/// std::vector's allocator for arrays that vector instructions and cache lines like: 64-byte
/// aligned.
template <class T>
struct aligned_allocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    aligned_allocator() = default;
    template <class U> // NOLINTNEXTLINE(google-explicit-constructor): allocators convert
    constexpr aligned_allocator(aligned_allocator<U> const&) noexcept
    {
    }

    [[nodiscard]] auto allocate(std::size_t n) -> T*
    {
        return static_cast<T*>(::operator new(n * sizeof(T), alignment));
    }
    void deallocate(T* p, std::size_t) noexcept { ::operator delete(p, alignment); }

    friend constexpr auto operator==(aligned_allocator, aligned_allocator) -> bool { return true; }
};

template <class T>
using aligned_vector = std::vector<T, aligned_allocator<T>>;

/// A dense row-major array that owns its elements, zero at first. A value: copies copy.
template <class T>
class tensor {
public:
    using value_type = T;

    tensor() = default;
    explicit tensor(haiga::shape dims)
        : shape_(dims), data_(static_cast<std::size_t>(dims.elements()))
    {
    }

    [[nodiscard]] auto shape() const -> haiga::shape const& { return shape_; }
    [[nodiscard]] auto elements() const -> std::int64_t { return shape_.elements(); }
    [[nodiscard]] auto data() -> T* { return data_.data(); }
    [[nodiscard]] auto data() const -> T const* { return data_.data(); }
    [[nodiscard]] auto view() -> tensor_view<T> { return {data(), shape_}; }
    [[nodiscard]] auto view() const -> tensor_view<T const> { return {data(), shape_}; }
    [[nodiscard]] auto flat() -> std::span<T> { return data_; }
    [[nodiscard]] auto flat() const -> std::span<T const> { return data_; }

    template <class... Index>
    [[nodiscard]] auto operator()(Index... index) -> T&
    {
        return view()(index...);
    }
    template <class... Index>
    [[nodiscard]] auto operator()(Index... index) const -> T const&
    {
        return view()(index...);
    }

private:
    haiga::shape shape_;
    aligned_vector<T> data_;
};

} // namespace haiga
