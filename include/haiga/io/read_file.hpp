#pragma once

#include "haiga/io/descriptor.hpp"

#include <cstddef>
#include <filesystem>
#include <vector>

namespace haiga::io {

/// The whole of a regular file.
///
/// Errors: too_large above max_bytes, before anything is allocated; not_found; truncated when the
///         file shrinks while it is read.
inline auto read_file(std::filesystem::path const& file, std::uint64_t max_bytes)
    -> result<std::vector<std::byte>>
{
    HAIGA_TRY(auto const open, open_file(file, O_RDONLY));
    HAIGA_TRY(auto const size, regular_size(open, file));
    if (size > max_bytes) {
        return fail(errc::too_large, file.string(), ": ", size, " bytes, at most ", max_bytes,
                    " are read");
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    for (std::size_t done = 0; done < bytes.size();) {
        auto const got = ::read(open.number(), bytes.data() + done, bytes.size() - done);
        if (got < 0 && errno != EINTR) {
            return fail_os(errno, file, "read");
        }
        if (got == 0) {
            return fail(errc::truncated, file.string(), ": ends at byte ", done, " of ", size);
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return bytes;
}

} // namespace haiga::io
