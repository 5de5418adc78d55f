#pragma once

#include "haiga/messages/base64.hpp"
#include "haiga/messages/content.hpp"

#include <optional>

namespace haiga::messages {

namespace detail {

inline auto sized(std::int64_t width, std::int64_t height) -> std::optional<pixel_size>
{
    return width > 0 && height > 0 ? std::optional(pixel_size{width, height}) : std::nullopt;
}

/// Follows the segments to the frame header. Cost: a few bytes a segment.
inline auto jpeg_size(base64_view file) -> std::optional<pixel_size>
{
    for (std::size_t at = 2; file.byte(at) == 0xff;) {
        auto const marker = file.byte(at + 1);
        auto const is_frame =
            marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        if (is_frame) {
            return sized(file.big_endian(at + 7, 2), file.big_endian(at + 5, 2));
        }
        auto const length = marker == 0xff ? -1 : file.big_endian(at + 2, 2);
        if (marker != 0xff && length < 2) {
            return std::nullopt;
        }
        at += marker == 0xff ? 1 : 2 + static_cast<std::size_t>(length); // 0xff may fill
    }
    return std::nullopt;
}

inline auto webp_size(base64_view file) -> std::optional<pixel_size>
{
    if (file.starts_with("VP8X", 12)) {
        return sized(file.little_endian(24, 3) + 1, file.little_endian(27, 3) + 1);
    }
    if (file.starts_with("VP8L", 12)) {
        auto const bits = file.little_endian(21, 4);
        return bits < 0 ? std::nullopt : sized((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
    }
    if (file.starts_with("VP8 ", 12)) {
        auto const width = file.little_endian(26, 2);
        auto const height = file.little_endian(28, 2);
        return width < 0 || height < 0 ? std::nullopt : sized(width & 0x3fff, height & 0x3fff);
    }
    return std::nullopt;
}

} // namespace detail

/// The size that the header of a PNG, GIF, WebP or JPEG file states; nothing else of it is looked
/// at. A photograph that is stored turned has its sides the other way round. Source: PNG (W3C
/// 2003) 11.2.2; GIF89a 18; WebP (RFC 9649) 2; JPEG (T.81) B.2.2.
inline auto picture_size(base64_view file) -> std::optional<pixel_size>
{
    if (file.starts_with("\x89PNG\r\n\x1a\n")) {
        return detail::sized(file.big_endian(16, 4), file.big_endian(20, 4));
    }
    if (file.starts_with("GIF8")) {
        return detail::sized(file.little_endian(6, 2), file.little_endian(8, 2));
    }
    if (file.starts_with("RIFF") && file.starts_with("WEBP", 8)) {
        return detail::webp_size(file);
    }
    return file.starts_with("\xff\xd8") ? detail::jpeg_size(file) : std::nullopt;
}

/// The size that was given, or that the picture itself states.
inline auto size_of(image_block const& image) -> std::optional<pixel_size>
{
    auto const* const file = std::get_if<base64_source>(&image.source);
    return image.size        ? image.size
           : file != nullptr ? picture_size(base64_view(file->data))
                             : std::nullopt;
}

} // namespace haiga::messages
