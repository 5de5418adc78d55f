#pragma once

#include "haiga/base/crc32.hpp"
#include "haiga/io/inflate.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace haiga::io {

namespace detail {

/// The bytes of a gzip header; 0 where there is none. Source: RFC 1952, 2.3.
inline auto gzip_header_length(std::span<std::byte const> file) -> std::size_t
{
    if (file.size() < 18 || load_le<std::uint16_t>(file) != 0x8b1f || file[2] != std::byte{8}) {
        return 0;
    }
    auto const flags = std::to_integer<unsigned>(file[3]);
    std::size_t at = 10;
    if ((flags & 4U) != 0) {
        at += has_bytes(file, at, 2) ? 2U + load_le<std::uint16_t>(file, at) : file.size();
    }
    for (unsigned const text : {8U, 16U}) { // the file's name, a comment
        if ((flags & text) != 0) {
            while (at < file.size() && file[at] != std::byte{0}) {
                ++at;
            }
            ++at;
        }
    }
    at += (flags & 2U) != 0 ? 2 : 0;
    return (flags & 0xe0U) == 0 && has_bytes(file, at, 8) ? at : 0;
}

} // namespace detail

/// Whether a file is gzip's, by its first bytes.
inline auto is_gzip(std::span<std::byte const> file) -> bool
{
    return file.size() >= 2 && file[0] == std::byte{0x1f} && file[1] == std::byte{0x8b};
}

/// What a gzip file of one member holds.
///
/// Errors: invalid for what is not gzip, for damage, and for bytes behind the end; truncated;
///         too_large above max_bytes.
/// Source: RFC 1952; RFC 1951.
inline auto gunzip(std::span<std::byte const> file, std::size_t max_bytes)
    -> result<std::vector<std::byte>>
{
    auto const header = detail::gzip_header_length(file);
    if (header == 0) {
        return fail(errc::invalid, "gzip: there is no whole header");
    }
    detail::inflater inflater(file.subspan(header), max_bytes);
    HAIGA_TRY(auto bytes, inflater.run());
    auto const end = header + inflater.used();
    if (!has_bytes(file, end, 8)) {
        return fail(errc::truncated, "gzip: ends before its checksum");
    }
    crc32 sum;
    sum.add(bytes);
    if (load_le<std::uint32_t>(file, end) != sum.value() ||
        load_le<std::uint32_t>(file, end + 4) != static_cast<std::uint32_t>(bytes.size())) {
        return fail(errc::invalid, "gzip: checksum or length are not those of the data");
    }
    if (file.size() != end + 8) {
        return fail(errc::invalid, "gzip: ", file.size() - end - 8, " bytes behind the end");
    }
    return bytes;
}

} // namespace haiga::io
