#pragma once

#include "haiga/io/descriptor.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <span>

namespace haiga::io {

/// A file seen as memory, read only; pages are read when they are touched.
/// The file must not shrink while it is mapped: the system then stops the program (SIGBUS).
class mapped_file {
public:
    mapped_file() = default;

    /// Errors: not_found; invalid for what is not a regular file; io.
    [[nodiscard]] static auto open(std::filesystem::path const& file) -> result<mapped_file>
    {
        HAIGA_TRY(auto opened, open_file(file, O_RDONLY));
        HAIGA_TRY(auto const size, regular_size(opened, file));
        if (size == 0) {
            return mapped_file(); // mmap refuses empty ranges
        }
        if (size > std::numeric_limits<std::size_t>::max()) {
            return fail(errc::too_large, file.string(), ": larger than the address space");
        }
        auto const length = static_cast<std::size_t>(size);
        void* const start = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, opened.number(), 0);
        if (start == MAP_FAILED) {
            return fail_os(errno, file, "map");
        }
        return mapped_file({static_cast<std::byte const*>(start), length}, std::move(opened));
    }

    mapped_file(mapped_file&& other) noexcept
        : bytes_(std::exchange(other.bytes_, {})), opened_(std::move(other.opened_))
    {
    }
    auto operator=(mapped_file&& other) noexcept -> mapped_file&
    {
        std::swap(bytes_, other.bytes_);
        std::swap(opened_, other.opened_);
        return *this;
    }
    ~mapped_file()
    {
        if (!bytes_.empty()) {
            ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
        }
    }

    [[nodiscard]] auto bytes() const -> std::span<std::byte const> { return bytes_; }
    [[nodiscard]] auto opened() const -> descriptor const& { return opened_; }

    /// Whether bytes are some of this file's.
    [[nodiscard]] auto holds(std::span<std::byte const> part) const -> bool
    {
        return !part.empty() && !std::less<>()(part.data(), bytes_.data()) &&
               !std::less<>()(bytes_.data() + bytes_.size(), part.data() + part.size());
    }

private:
    mapped_file(std::span<std::byte const> bytes, descriptor opened)
        : bytes_(bytes), opened_(std::move(opened))
    {
    }

    std::span<std::byte const> bytes_;
    descriptor opened_;
};

/// Lets go of pages that lie wholly in a part of a mapped file; touched again, they are read again.
/// Without this a program that walks through a file seems to hold all of it. Other memory than a
/// mapped file's would lose what it holds.
inline void forget_pages(std::span<std::byte const> mapped)
{
    auto const page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto const skip = (page - reinterpret_cast<std::uintptr_t>(mapped.data()) % page) % page;
    if (mapped.size() >= skip + page) {
        auto* const first = const_cast<std::byte*>(mapped.data()) + skip;
        ::madvise(first, (mapped.size() - skip) / page * page, MADV_DONTNEED);
    }
}

} // namespace haiga::io
