#pragma once

#include "haiga/base/check.hpp"

#include <compare>
#include <cstdint>

namespace haiga::device {

/// The sizes of a two-dimensional convolution with a square kernel and zero padding.
///
/// Shapes: x [n, h, w, in_channels], weights [kernel, kernel, in_channels, out_channels],
///         y [n, out_h(), out_w(), out_channels].
struct convolution {
    static constexpr std::int64_t max_kernel = 8;

    std::int64_t n = 0, h = 0, w = 0, in_channels = 0, out_channels = 0;
    std::int64_t kernel = 3, stride = 1, padding = 1;
    std::int64_t extra = 0; ///< padding besides, behind the last row and the last column

    [[nodiscard]] constexpr auto out_h() const -> std::int64_t { return out(h); }
    [[nodiscard]] constexpr auto out_w() const -> std::int64_t { return out(w); }

    /// Floating-point operations of one pass: a multiplication and an addition a term.
    [[nodiscard]] constexpr auto operations() const -> double
    {
        return 2.0 * static_cast<double>(n * out_h() * out_w() * kernel * kernel) *
               static_cast<double>(in_channels * out_channels);
    }

    /// Whether it is a matrix product over pixels.
    [[nodiscard]] constexpr auto pointwise() const -> bool
    {
        return kernel == 1 && stride == 1 && padding == 0 && extra == 0;
    }

    friend constexpr auto operator<=>(convolution const&, convolution const&) = default;

private:
    [[nodiscard]] constexpr auto out(std::int64_t extent) const -> std::int64_t
    {
        return (extent + 2 * padding + extra - kernel) / stride + 1;
    }
};

} // namespace haiga::device
