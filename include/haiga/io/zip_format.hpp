#pragma once

#include "haiga/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace haiga::io {

/// A file of a zip archive that is stored as it is, without compression.
struct zip_entry {
    std::string name;
    std::uint64_t begin = 0; ///< of its data, bytes from the start of the archive
    std::uint64_t size = 0;
    std::uint32_t crc = 0; ///< see crc32
};

/// Records of a zip archive: their signatures, and the bytes that are always there.
/// Source: PKWARE, "APPNOTE.TXT", version 6.3.10, sections 4.3 to 4.5.
namespace zip {

inline constexpr std::uint32_t local_header = 0x04034b50, data_descriptor = 0x08074b50,
                               central_header = 0x02014b50, end_of_directory = 0x06054b50,
                               end_of_directory64 = 0x06064b50, locator64 = 0x07064b50;
inline constexpr std::size_t local_header_bytes = 30, central_header_bytes = 46,
                             end_of_directory_bytes = 22, end_of_directory64_bytes = 56,
                             locator64_bytes = 20;
inline constexpr std::uint16_t extra_zip64 = 1;

inline constexpr std::uint16_t flag_encrypted = 1, flag_descriptor = 8, flag_utf8 = 0x800;

/// A field that says: look into the zip64 record.
inline constexpr std::uint32_t elsewhere = 0xffff'ffff;
inline constexpr std::uint16_t elsewhere16 = 0xffff;

} // namespace zip

/// A name that stays inside the folder that an archive is unpacked to, on any system.
/// Errors: invalid for an absolute name, for one with a part "..", and for \ : and NUL.
inline auto check_inner_name(std::string_view name) -> result<>
{
    auto const bad = [&](std::string_view why) {
        return fail(errc::invalid, "the name \"", name, "\" ", why);
    };
    if (name.empty() || name.front() == '/') {
        return bad("is not that of a file inside");
    }
    if (name.find_first_of(std::string_view("\\:\0", 3)) != std::string_view::npos) {
        return bad("has one of \\ : NUL in it");
    }
    for (std::size_t begin = 0; begin <= name.size();) {
        auto const end = std::min(name.find('/', begin), name.size());
        if (name.substr(begin, end - begin) == "..") {
            return bad("leads out with ..");
        }
        begin = end + 1;
    }
    return {};
}

} // namespace haiga::io
