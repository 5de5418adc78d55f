#pragma once

#include "haiga/base/result.hpp"
#include "haiga/image/pixels.hpp"
#include "haiga/sample/guidance.hpp"
#include "haiga/sched/config.hpp"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

namespace haiga::sample {

/// What is to be painted.
struct picture_request {
    std::string prompt, negative;
    int width = 512, height = 512; ///< pixels
    int steps = 20;
    sched::scheduler_config scheduler; ///< pipeline_config::scheduler's, or by a name
    sample::guidance guidance;
    std::uint64_t seed = 0; ///< of the first picture; the next has the next
    int count = 1;
    int clip_skip = 0;

    std::optional<image::pixels> init; ///< what is begun from, of any size; RGB
    std::optional<image::pixels> mask; ///< of init's size: what is light is painted anew
    /// How far from init: 1 is all noise. By default 0.8, and 1 under a mask.
    std::optional<double> strength;

    [[nodiscard]] auto strength_or_default() const -> double
    {
        return strength.value_or(mask ? 1.0 : 0.8);
    }
};

namespace detail {

inline auto check_sizes(picture_request const& r, int multiple) -> result<>
{
    constexpr int most = 1 << 14;
    for (auto const& [name, side] : {std::pair{"width", r.width}, std::pair{"height", r.height}}) {
        if (side < multiple || side > most || side % multiple != 0) {
            return fail(errc::invalid, name, ' ', side, ": expected a multiple of ", multiple,
                        " from ", multiple, " to ", most);
        }
    }
    return {};
}

inline auto check_init(picture_request const& r) -> result<>
{
    if (r.mask && !r.init) {
        return fail(errc::invalid, "a mask, but no picture that it masks");
    }
    if (r.mask && (r.mask->width != r.init->width || r.mask->height != r.init->height)) {
        return fail(errc::mismatch, "the mask is ", r.mask->width, 'x', r.mask->height,
                    ", the picture that it masks ", r.init->width, 'x', r.init->height);
    }
    if (auto const s = r.strength_or_default(); !(s > 0 && s <= 1)) {
        return fail(errc::invalid, "strength ", s, ": expected above 0, to 1");
    }
    return {};
}

} // namespace detail

/// Whether a request makes sense for a VAE of so many pixels a latent, `multiple`.
/// Errors: invalid and mismatch, naming what is wrong.
inline auto check(picture_request const& r, int multiple) -> result<>
{
    constexpr int most_steps = 10'000;
    HAIGA_TRY_VOID(detail::check_sizes(r, multiple));
    if (r.steps < 1 || r.steps > most_steps) {
        return fail(errc::invalid, "steps ", r.steps, ": expected 1 to ", most_steps);
    }
    if (r.count < 1) {
        return fail(errc::invalid, "count ", r.count, ": expected at least 1");
    }
    if (!std::isfinite(r.guidance.scale) || r.guidance.scale < 0) {
        return fail(errc::invalid, "guidance ", r.guidance.scale, ": expected at least 0");
    }
    if (!(r.guidance.rescale >= 0 && r.guidance.rescale <= 1)) {
        return fail(errc::invalid, "guidance rescale ", r.guidance.rescale, ": expected 0 to 1");
    }
    return detail::check_init(r);
}

} // namespace haiga::sample
