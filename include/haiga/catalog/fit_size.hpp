#pragma once

#include "haiga/catalog/base_models.hpp"

#include <cmath>
#include <cstdlib>

namespace haiga::catalog {

/// Units: pixels.
struct picture_size {
    std::int64_t width = 0;
    std::int64_t height = 0;

    friend auto operator==(picture_size const&, picture_size const&) -> bool = default;
};

namespace detail {

inline auto told(picture_size size) -> std::string
{
    return concat(size.width, " x ", size.height);
}

inline auto fits(size_range const& sizes, picture_size size) -> bool
{
    auto const [shorter, longer] = std::minmax(size.width, size.height);
    auto const pixels = size.width * size.height;
    return shorter > 0 && size.width % sizes.multiple == 0 && size.height % sizes.multiple == 0 &&
           pixels >= sizes.fewest && pixels <= sizes.most && longer <= shorter * sizes.elongation;
}

inline auto rounded(double side, std::int64_t multiple) -> std::int64_t
{
    return multiple * static_cast<std::int64_t>(std::lround(side / static_cast<double>(multiple)));
}

/// Sides above it are nobody's picture, and their product would overflow.
inline constexpr std::int64_t longest_side = 1 << 20;

} // namespace detail

/// The size nearest to the wanted one at which a model paints well: rounded where that is enough,
/// else the same shape with as many pixels as the model was trained on, in steps of 64.
inline auto nearest_size(size_range const& sizes, picture_size wanted) -> picture_size
{
    auto const width = static_cast<double>(wanted.width);
    auto const height = static_cast<double>(wanted.height);
    picture_size const near{detail::rounded(width, sizes.multiple),
                            detail::rounded(height, sizes.multiple)};
    if (detail::fits(sizes, near)) {
        return near;
    }
    auto const most = static_cast<double>(sizes.elongation);
    auto const shape = std::sqrt(std::clamp(width / height, 1 / most, most));
    auto const native = static_cast<double>(sizes.native);
    picture_size const scaled{detail::rounded(native * shape, 64),
                              detail::rounded(native / shape, 64)};
    return detail::fits(sizes, scaled) ? scaled : picture_size{sizes.native, sizes.native};
}

namespace detail {

/// Another model for the same job that paints this size; of several the one trained nearest to it.
inline auto model_for(picture_size size, base_model const& instead_of) -> base_model const*
{
    base_model const* best = nullptr;
    auto const distance = [&](base_model const& model) {
        auto const native = model.sizes.native;
        return std::abs(native * native - size.width * size.height);
    };
    auto const refines = [](base_model const& m) { return m.family == family::sdxl_refiner; };
    for (auto const& model : base_models()) {
        if (model.id != instead_of.id && model.is_inpainting() == instead_of.is_inpainting() &&
            refines(model) == refines(instead_of) && fits(model.sizes, size) &&
            (best == nullptr || distance(model) < distance(*best))) {
            best = &model;
        }
    }
    return best;
}

inline auto why_not(size_range const& sizes, picture_size size) -> std::string
{
    auto const native = told({sizes.native, sizes.native});
    if (size.width * size.height > sizes.most) {
        return concat("trained at ", native, ", it repeats its subject above ", sizes.most,
                      " pixels");
    }
    if (size.width * size.height < sizes.fewest) {
        return concat("trained at ", native, ", it loses its subject below ", sizes.fewest,
                      " pixels");
    }
    if (size.width % sizes.multiple != 0 || size.height % sizes.multiple != 0) {
        return concat("both sides must be multiples of ", sizes.multiple);
    }
    return concat("one side is more than ", sizes.elongation, " times the other");
}

} // namespace detail

/// Errors: invalid for a side below 1 or above 2^20; mismatch, with the nearest size and another
///         model for this one, where there is one.
inline auto check_size(base_model const& base, picture_size size) -> result<>
{
    if (std::min(size.width, size.height) < 1 ||
        std::max(size.width, size.height) > detail::longest_side) {
        return fail(errc::invalid, detail::told(size), " is no size of a picture");
    }
    if (detail::fits(base.sizes, size)) {
        return {};
    }
    auto const* const other = detail::model_for(size, base);
    return fail(errc::mismatch, base.id, " at ", detail::told(size), ": ",
                detail::why_not(base.sizes, size), "; ",
                detail::told(nearest_size(base.sizes, size)), " works",
                other != nullptr ? concat(", or ", other->id, " at this size") : "");
}

} // namespace haiga::catalog
