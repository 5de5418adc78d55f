#pragma once

#include "haiga/base/result.hpp"

#include <algorithm>
#include <cstdint>

namespace haiga::image {

/// What a picture may claim to be; checked before anything of its size is allocated.
/// Units: pixels. The default takes a 108-megapixel photograph and at most 0.5 GB.
struct decode_limits {
    std::int64_t max_pixels = 1 << 27;
    int min_side = 1;
};

/// Errors: invalid when a side is 0; too_large; unsupported under min_side.
inline auto check_size(std::int64_t width, std::int64_t height, decode_limits const& limits)
    -> result<>
{
    if (width <= 0 || height <= 0) {
        return fail(errc::invalid, "the picture is ", width, 'x', height, ": it has no pixels");
    }
    if (width > limits.max_pixels / height) {
        return fail(errc::too_large, "the picture claims ", width, 'x', height, " pixels, at most ",
                    limits.max_pixels, " are read");
    }
    if (std::min(width, height) < limits.min_side) {
        return fail(errc::unsupported, "the picture is ", width, 'x', height,
                    ", too small: each side needs at least ", limits.min_side, " pixels");
    }
    return {};
}

} // namespace haiga::image
