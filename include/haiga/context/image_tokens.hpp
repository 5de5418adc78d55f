#pragma once

#include "haiga/context/model.hpp"
#include "haiga/context/token_counter.hpp"
#include "haiga/messages/content.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace haiga::context {

namespace detail {

/// A model sees squares of so many pixels a side, each of them one token.
inline constexpr std::int64_t patch = 28;

inline auto patches(messages::pixel_size size) -> std::int64_t
{
    return ((size.width + patch - 1) / patch) * ((size.height + patch - 1) / patch);
}

/// The size times a factor below 1, at least one pixel.
inline auto scaled(messages::pixel_size size, double factor) -> messages::pixel_size
{
    auto const side = [&](std::int64_t pixels) {
        return std::max<std::int64_t>(
            1, static_cast<std::int64_t>(std::floor(static_cast<double>(pixels) * factor)));
    };
    return {side(size.width), side(size.height)};
}

} // namespace detail

/// The size at which a model sees a picture: what is too large is scaled down, its shape kept.
/// Nothing is gained by sending more pixels. Sides: 1 to 2^31.
/// Source: platform.claude.com/docs/en/build-with-claude/vision.
inline auto size_seen(messages::pixel_size size, image_limits const& limits) -> messages::pixel_size
{
    auto const edge = std::max(size.width, size.height);
    auto seen =
        edge > limits.edge
            ? detail::scaled(size, static_cast<double>(limits.edge) / static_cast<double>(edge))
            : size;
    // each step removes about a hundredth of the picture: some hundreds of them at most
    while (detail::patches(seen) > limits.tokens && std::max(seen.width, seen.height) > 1) {
        auto const over =
            static_cast<double>(limits.tokens) / static_cast<double>(detail::patches(seen));
        seen = detail::scaled(seen, std::min(0.99, std::sqrt(over)));
    }
    return seen;
}

/// Five published measurements of Haiku 4.5 are the squares and 65 more; the documentation speaks
/// of the squares alone: the error covers both.
inline auto image_tokens(messages::pixel_size size, image_limits const& limits) -> token_count
{
    constexpr double frame = 65;
    return {static_cast<double>(detail::patches(size_seen(size, limits))) + frame, frame};
}

/// A picture whose size is not known: anything up to the most that a model sees.
inline auto unknown_image_tokens(image_limits const& limits) -> token_count
{
    auto const half = (static_cast<double>(limits.tokens) + 65) / 2;
    return {half, half};
}

} // namespace haiga::context
