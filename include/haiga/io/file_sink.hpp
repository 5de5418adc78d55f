#pragma once

#include "haiga/io/descriptor.hpp"
#include "haiga/io/sink.hpp"

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
