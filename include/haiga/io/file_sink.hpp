#pragma once

#include "haiga/io/mapped_file.hpp"
#include "haiga/io/sink.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace haiga::io {

/// A sink over an open file, without a buffer: write large pieces.
/// Errors: io, with the name that was given; a full disk says so.
class file_sink {
public:
    file_sink(descriptor open, std::filesystem::path name)
        : open_(std::move(open)), name_(std::move(name))
    {
    }

    auto write(std::span<std::byte const> bytes) -> result<>
    {
        while (!bytes.empty()) {
            auto const done = ::write(open_.number(), bytes.data(), bytes.size());
            if (done < 0 && errno != EINTR) {
                return fail_os(errno, name_, "write");
            }
            bytes = bytes.subspan(done > 0 ? static_cast<std::size_t>(done) : 0);
        }
        return {};
    }

    /// Writes a part of a mapped file without bringing it into the program, where the system can.
    auto copy(mapped_file const& from, std::span<std::byte const> part) -> result<>
    {
        auto at = static_cast<::loff_t>(part.data() - from.bytes().data());
        while (!part.empty()) {
            auto const done = ::copy_file_range(from.opened().number(), &at, open_.number(),
                                                nullptr, part.size(), 0);
            auto next = static_cast<std::size_t>(std::max<::ssize_t>(done, 0));
            if (done <= 0) { // other kinds of file systems, an older system; else write() says why
                next = std::min(part.size(), std::size_t{8} << 20U);
                HAIGA_TRY_VOID(write(part.first(next)));
                forget_pages(part.first(next));
                at += static_cast<::loff_t>(next);
            }
            part = part.subspan(next);
        }
        return {};
    }

    auto sync() -> result<>
    {
        if (::fsync(open_.number()) != 0) {
            return fail_os(errno, name_, "write");
        }
        return {};
    }

private:
    descriptor open_;
    std::filesystem::path name_;
};

static_assert(byte_sink<file_sink>);

} // namespace haiga::io
