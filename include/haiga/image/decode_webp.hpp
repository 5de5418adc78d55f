#pragma once

#include "haiga/image/limits.hpp"
#include "haiga/image/on_white.hpp"
#include "haiga/image/pixels.hpp"

#include <cstddef>
#include <span>

#include <webp/decode.h>

namespace haiga::image {

namespace detail {

inline auto webp_result(VP8StatusCode status) -> result<>
{
    switch (status) {
    case VP8_STATUS_OK: return {};
    case VP8_STATUS_OUT_OF_MEMORY: return fail(errc::out_of_memory, "WebP: no memory to read it");
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return fail(errc::truncated, "truncated WebP: the file ends inside the picture");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return fail(errc::unsupported, "WebP: uses a feature that libwebp does not know");
    default: return fail(errc::invalid, "WebP: the data are broken");
    }
}

} // namespace detail

/// A WebP picture as RGB, lossy or lossless; alpha is laid on white.
///
/// Errors: too_large, unsupported (limits, before anything is allocated; animations); truncated;
///         invalid.
inline auto decode_webp(std::span<std::byte const> file, decode_limits const& limits = {})
    -> result<pixels>
{
    auto const* const data = reinterpret_cast<std::uint8_t const*>(file.data());
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0) {
        return fail(errc::unsupported, "WebP: libwebp has another version than its header");
    }
    HAIGA_TRY_VOID(detail::webp_result(WebPGetFeatures(data, file.size(), &config.input)));
    if (config.input.has_animation != 0) {
        return fail(errc::unsupported, "WebP: an animation, not a picture");
    }
    HAIGA_TRY_VOID(check_size(config.input.width, config.input.height, limits));
    bool const alpha = config.input.has_alpha != 0;
    pixels out(config.input.width, config.input.height, alpha ? 4 : 3);
    config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = {out.values.data(), static_cast<int>(out.row_length()),
                            out.values.size()};
    HAIGA_TRY_VOID(detail::webp_result(WebPDecode(data, file.size(), &config)));
    return alpha ? on_white(out) : std::move(out);
}

} // namespace haiga::image
