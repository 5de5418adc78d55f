#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/image/format.hpp"
#include "haiga/image/orient.hpp"

#include <bit>
#include <optional>
#include <span>
#include <string_view>

namespace haiga::image {

namespace detail {

using byte_span = std::span<std::byte const>;

inline constexpr std::string_view exif_mark{"Exif\0\0", 6};

inline auto without_mark(byte_span payload) -> byte_span
{
    return as_text(payload).starts_with(exif_mark) ? payload.subspan(exif_mark.size()) : payload;
}

/// JPEG: the first APP1 segment that starts with the mark, before the first scan.
inline auto find_exif_in_jpeg(byte_span file) -> byte_span
{
    constexpr unsigned app1 = 0xe1;
    constexpr unsigned start_of_scan = 0xda;
    for (std::size_t at = 2; has_bytes(file, at, 4);) {
        auto const marker = load_be<std::uint16_t>(file, at);
        if (marker == 0xffff) { // a fill byte
            ++at;
            continue;
        }
        std::size_t const length = load_be<std::uint16_t>(file, at + 2);
        if ((marker >> 8U) != 0xff || (marker & 0xffU) == start_of_scan || length < 2 ||
            !has_bytes(file, at + 2, length)) {
            return {};
        }
        auto const payload = file.subspan(at + 4, length - 2);
        if ((marker & 0xffU) == app1 && as_text(payload).starts_with(exif_mark)) {
            return without_mark(payload);
        }
        at += 2 + length;
    }
    return {};
}

/// PNG: the chunk eXIf.
inline auto find_exif_in_png(byte_span file) -> byte_span
{
    constexpr std::size_t frame = 12; // length, type and checksum
    for (std::size_t at = png_signature.size(); has_bytes(file, at, frame);) {
        std::size_t const length = load_be<std::uint32_t>(file, at);
        if (!has_bytes(file, at + 8, length)) {
            return {};
        }
        auto const payload = file.subspan(at + 8, length);
        if (as_text(file.subspan(at + 4, 4)) == "eXIf") {
            return without_mark(payload);
        }
        at += frame + length;
    }
    return {};
}

/// WebP: the RIFF chunk EXIF; chunks are padded to even lengths.
inline auto find_exif_in_webp(byte_span file) -> byte_span
{
    for (std::size_t at = 12; has_bytes(file, at, 8);) {
        std::size_t const length = load_le<std::uint32_t>(file, at + 4);
        if (!has_bytes(file, at + 8, length)) {
            return {};
        }
        if (as_text(file.subspan(at, 4)) == "EXIF") {
            return without_mark(file.subspan(at + 8, length));
        }
        at += 8 + length + length % 2;
    }
    return {};
}

} // namespace detail

/// The EXIF block (a TIFF header and what follows) of a JPEG, PNG or WebP file; empty without one.
inline auto find_exif(std::span<std::byte const> file) -> std::span<std::byte const>
{
    auto const kind = detect_format(file);
    if (!kind) {
        return {};
    }
    switch (*kind) {
    case format::jpeg: return detail::find_exif_in_jpeg(file);
    case format::png: return detail::find_exif_in_png(file);
    case format::webp: return detail::find_exif_in_webp(file);
    }
    return {};
}

/// The orientation in the first directory of an EXIF block; nothing when there is none, or when it
/// cannot be believed.
/// Source: TIFF 6.0, section 2 (header, directory of 12-byte entries); tag 274, one SHORT.
inline auto exif_orientation(std::span<std::byte const> exif) -> std::optional<orientation>
{
    if (exif.size() < 8) {
        return std::nullopt;
    }
    auto const mark = as_text(exif.first(2));
    auto const order = mark == "MM" ? std::endian::big : std::endian::little;
    if ((mark != "MM" && mark != "II") || load<std::uint16_t>(exif, 2, order) != 42) {
        return std::nullopt;
    }
    std::size_t const directory = load<std::uint32_t>(exif, 4, order);
    if (!has_bytes(exif, directory, 2)) {
        return std::nullopt;
    }
    std::size_t const count = load<std::uint16_t>(exif, directory, order);
    for (std::size_t i = 0; i < count && has_bytes(exif, directory + 2 + 12 * i, 12); ++i) {
        auto const entry = exif.subspan(directory + 2 + 12 * i, 12);
        if (load<std::uint16_t>(entry, 0, order) == 0x0112) {
            auto const value = load<std::uint16_t>(entry, 8, order);
            bool const is_one_short = load<std::uint16_t>(entry, 2, order) == 3 &&
                                      load<std::uint32_t>(entry, 4, order) == 1;
            return is_one_short && value >= 1 && value <= 8
                       ? std::optional(static_cast<orientation>(value))
                       : std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace haiga::image
