#pragma once

#include "haiga/model/unet.hpp"
#include "haiga/nn/concat.hpp"
#include "haiga/nn/coordinate_planes.hpp"
#include "haiga/nn/repeat_batch.hpp"

namespace haiga::model {

/// A UNet that paints pixels, told one learned text state: what the demonstration trains.
struct painter_config {
    unet_config unet;
    std::int64_t size = 48;       ///< of its square pictures, in pixels
    std::int64_t text_tokens = 4; ///< of the text state, which is a parameter
    std::int64_t frequencies = 4; ///< of the coordinate planes behind the 3 colours; 0: none
};

namespace detail {

/// A painter is told a time step and one text state, of one width for all levels.
inline auto check_told(unet_config const& c) -> result<>
{
    if (c.class_embed_type || c.num_class_embeds || c.addition_embed_type) {
        return fail(errc::unsupported, "\"class_embed_type\", \"num_class_embeds\" and "
                                       "\"addition_embed_type\" must be null in a painter");
    }
    auto const& widths = c.cross_attention_dim.values();
    if (std::ranges::count(widths, widths[0]) != std::ssize(widths)) {
        return fail(errc::unsupported, "\"cross_attention_dim\" must be one in a painter");
    }
    return {};
}

} // namespace detail

/// Errors: those of check(unet_config); invalid for sizes that it cannot halve.
inline auto check(painter_config const& c) -> result<>
{
    HAIGA_TRY_VOID(check(c.unet));
    HAIGA_TRY_VOID(detail::check_told(c.unet));
    auto const halvings = std::int64_t{1} << std::min<std::size_t>(c.unet.levels() - 1, 11);
    if (c.size < 8 || c.size > 1024 || c.size % halvings != 0) {
        return fail(errc::invalid, "size ", c.size, ": expected 8 to 1024 and a multiple of ",
                    halvings);
    }
    if (c.text_tokens < 1 || c.text_tokens > 1024) {
        return fail(errc::invalid, "text_tokens ", c.text_tokens, ": expected 1 to 1024");
    }
    if (c.frequencies < 0 || c.frequencies > 16) {
        return fail(errc::invalid, "frequencies ", c.frequencies, ": expected 0 to 16");
    }
    if (c.unet.in_channels != 3 + 4 * c.frequencies || c.unet.out_channels != 3) {
        return fail(errc::mismatch, "a UNet of ", c.unet.in_channels, " to ", c.unet.out_channels,
                    " channels: expected ", 3 + 4 * c.frequencies, " to 3");
    }
    return {};
}

/// Traces the prediction of a batch. Names: "text_state", and the UNet's behind "unet.".
///
/// Shapes: sample [N, size, size, 3], timesteps [N] f32 -> [N, size, size, 3].
inline auto painter(scope const& at, painter_config const& c, value sample, value timesteps)
    -> value
{
    auto const text = at.declare("text_state", {c.text_tokens, c.unet.cross_attention_dim.at(0)},
                                 device::layout::plain, {device::initial::kind::normal, 1});
    auto& g = at.traced();
    auto const n = at.extent(sample, 0);
    auto const seen =
        c.frequencies == 0
            ? sample
            : nn::concat(g, sample, nn::coordinate_planes(g, n, c.size, c.frequencies));
    unet_inputs const in{.sample = seen,
                         .timesteps = timesteps,
                         .encoder_hidden_states = nn::repeat_batch(g, text, n)};
    return unet(at / "unet", c.unet, in);
}

} // namespace haiga::model
