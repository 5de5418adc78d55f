#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/result.hpp"

#include <cstdint>
#include <string_view>

namespace haiga::image {

enum class format : std::uint8_t { jpeg, png, webp };

inline constexpr std::string_view png_signature = "\x89PNG\r\n\x1a\n";

/// Tells a picture's format by its first bytes; a file's name says nothing.
/// Errors: truncated when there is nothing; unsupported for anything else.
inline auto detect_format(std::span<std::byte const> file) -> result<format>
{
    auto const text = as_text(file);
    if (text.empty()) {
        return fail(errc::truncated, "the file is empty");
    }
    if (text.starts_with("\xff\xd8\xff")) {
        return format::jpeg;
    }
    if (text.starts_with(png_signature)) {
        return format::png;
    }
    if (text.starts_with("RIFF") && text.substr(0, 12).ends_with("WEBP")) {
        return format::webp;
    }
    return fail(errc::unsupported, "not a JPEG, PNG or WebP picture");
}

} // namespace haiga::image
