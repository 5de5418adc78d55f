#pragma once

#include "haiga/image/decode_jpeg.hpp"
#include "haiga/image/decode_png.hpp"
#include "haiga/image/decode_webp.hpp"
#include "haiga/image/exif.hpp"
#include "haiga/image/format.hpp"
#include "haiga/image/orient.hpp"

namespace haiga::image {

/// A JPEG, PNG or WebP picture, told by its content, as it is stored: 8-bit RGB.
///
/// Errors: unsupported for another format or under limits.min_side; too_large; truncated; invalid.
/// Cost:   4 bytes a pixel beside the result where there is alpha or CMYK.
inline auto decode_stored(std::span<std::byte const> file, decode_limits const& limits = {})
    -> result<pixels>
{
    HAIGA_TRY(auto const kind, detect_format(file));
    switch (kind) {
    case format::jpeg: return decode_jpeg(file, limits);
    case format::png: return decode_png(file, limits);
    case format::webp: return decode_webp(file, limits);
    }
    return fail(errc::unsupported, "not a JPEG, PNG or WebP picture");
}

/// The same, turned as its camera was held: EXIF orientation, where the file has one that can be
/// read; broken EXIF is no reason to refuse a picture.
inline auto decode(std::span<std::byte const> file, decode_limits const& limits = {})
    -> result<pixels>
{
    HAIGA_TRY(auto picture, decode_stored(file, limits));
    auto const turn = exif_orientation(find_exif(file));
    return upright(std::move(picture), turn.value_or(orientation::upright));
}

} // namespace haiga::image
