#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace haiga::tokenizer::detail {

/// Memory for tables that are read at random places: where it is large, in huge pages, if the
/// system gives them, since finding a place in one of many small pages takes longer than reading
/// it.
template <class T>
class huge_page_allocator {
public:
    using value_type = T;

    huge_page_allocator() = default;
    template <class Other>
    explicit huge_page_allocator(huge_page_allocator<Other> const&)
    {
    }

    [[nodiscard]] auto allocate(std::size_t count) -> T*
    {
        auto const bytes = size_of(count);
        void* const memory = ::operator new(bytes, alignment_of(bytes));
#ifdef MADV_HUGEPAGE
        if (bytes >= huge_page) {
            ::madvise(memory, bytes, MADV_HUGEPAGE); // where there are none, nothing is lost
        }
#endif
        return static_cast<T*>(memory);
    }

    void deallocate(T* memory, std::size_t count)
    {
        ::operator delete(memory, alignment_of(size_of(count)));
    }

    friend auto operator==(huge_page_allocator const&, huge_page_allocator const&)
        -> bool = default;

private:
    static constexpr std::size_t huge_page = std::size_t{1} << 21U;

    static auto size_of(std::size_t count) -> std::size_t
    {
        auto const bytes = count * sizeof(T);
        return bytes < huge_page ? bytes : (bytes + huge_page - 1) / huge_page * huge_page;
    }
    static auto alignment_of(std::size_t bytes) -> std::align_val_t
    {
        return std::align_val_t{bytes < huge_page ? alignof(T) : huge_page};
    }
};

} // namespace haiga::tokenizer::detail
