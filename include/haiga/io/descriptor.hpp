#pragma once

#include "haiga/io/os_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace haiga::io {

/// Owns a POSIX file descriptor.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number) : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    auto operator=(descriptor&& other) noexcept -> descriptor&
    {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor()
    {
        if (number_ >= 0) {
            ::close(number_);
        }
    }

    [[nodiscard]] auto number() const -> int { return number_; }

private:
    int number_ = -1;
};

/// Waits for nobody: a pipe that no one writes to is opened too, and regular_size refuses it.
/// Errors: not_found, or what else open() says.
inline auto open_file(std::filesystem::path const& file, int flags) -> result<descriptor>
{
    int const number = ::open(file.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0666);
    if (number < 0) {
        return fail_os(errno, file, "open");
    }
    return descriptor(number);
}

/// The size of a regular file. Errors: invalid for a folder, a pipe or a device.
inline auto regular_size(descriptor const& open, std::filesystem::path const& file)
    -> result<std::uint64_t>
{
    struct stat about {};
    if (::fstat(open.number(), &about) != 0) {
        return fail_os(errno, file, "read");
    }
    if (!S_ISREG(about.st_mode)) {
        return fail(errc::invalid, file.string(), ": not a regular file");
    }
    return static_cast<std::uint64_t>(about.st_size);
}

} // namespace haiga::io
