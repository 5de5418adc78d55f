#pragma once

#include "haiga/model/config_checks.hpp"

#include <optional>
#include <vector>

namespace haiga::model {

/// The configuration of Diffusers' AutoencoderKL, as far as it is supported, with its names and
/// defaults. Levels count from the outermost.
/// Source: diffusers 0.42.1, models/autoencoders/autoencoder_kl.py.
struct autoencoder_config {
    std::int64_t in_channels = 3;
    std::int64_t out_channels = 3;
    std::vector<std::string> down_block_types = {"DownEncoderBlock2D"};
    std::vector<std::string> up_block_types = {"UpDecoderBlock2D"};
    std::vector<std::int64_t> block_out_channels = {64};
    int layers_per_block = 1; ///< of the encoder; the decoder has one more
    std::int64_t latent_channels = 4;
    int norm_num_groups = 32;
    std::int64_t sample_size = 32; ///< a side of pictures, for those who choose none
    double scaling_factor = 0.18215;
    std::optional<double> shift_factor;
    bool force_upcast = true; ///< its activations exceed fp16
    bool use_quant_conv = true;
    bool use_post_quant_conv = true;
    bool mid_block_add_attention = true;

    [[nodiscard]] auto levels() const -> std::size_t { return block_out_channels.size(); }
    /// Pixels along a side for each latent pixel.
    [[nodiscard]] auto scale() const -> std::int64_t { return std::int64_t{1} << (levels() - 1); }

    friend auto operator==(autoencoder_config const&, autoencoder_config const&) -> bool = default;
};

namespace detail {

inline auto check_autoencoder_levels(autoencoder_config const& c) -> result<>
{
    constexpr std::size_t most = 16;
    auto const levels = c.levels();
    if (levels == 0 || levels > most) {
        return fail(errc::invalid, "\"block_out_channels\" must have 1 to ", most, " items; found ",
                    levels);
    }
    for (auto const& [key, found] : {std::pair{"down_block_types", c.down_block_types.size()},
                                     std::pair{"up_block_types", c.up_block_types.size()}}) {
        if (found != levels) {
            return fail(errc::mismatch, '"', key, "\" has ", found,
                        " items, \"block_out_channels\" has ", levels);
        }
    }
    for (std::size_t i = 0; i < levels; ++i) {
        auto const width = c.block_out_channels[i];
        HAIGA_TRY_VOID(
            check_choice("down_block_types", c.down_block_types[i], {"DownEncoderBlock2D"}));
        HAIGA_TRY_VOID(check_choice("up_block_types", c.up_block_types[i], {"UpDecoderBlock2D"}));
        HAIGA_TRY_VOID(check_range("block_out_channels", width));
        if (width % c.norm_num_groups != 0) {
            return fail(errc::mismatch, "\"block_out_channels\": ", width,
                        " is not a multiple of \"norm_num_groups\", ", c.norm_num_groups);
        }
    }
    return {};
}

} // namespace detail

/// Whether an autoencoder can be built from this.
/// Errors: unsupported, mismatch, invalid; each names the key, what may stand there, and what was
///         found.
inline auto check(autoencoder_config const& c) -> result<>
{
    constexpr int most_layers = 64; // every layer is traced: a few bytes must not ask for millions
    HAIGA_TRY_VOID(detail::check_range("in_channels", c.in_channels));
    HAIGA_TRY_VOID(detail::check_range("out_channels", c.out_channels));
    HAIGA_TRY_VOID(detail::check_range("latent_channels", c.latent_channels));
    HAIGA_TRY_VOID(detail::check_range("norm_num_groups", c.norm_num_groups));
    HAIGA_TRY_VOID(detail::check_range("sample_size", c.sample_size));
    HAIGA_TRY_VOID(detail::check_autoencoder_levels(c));
    if (c.layers_per_block < 1 || c.layers_per_block > most_layers) {
        return fail(errc::invalid, "\"layers_per_block\" must be from 1 to ", most_layers,
                    "; found ", c.layers_per_block);
    }
    if (!(c.scaling_factor > 0 && c.scaling_factor < 1e6)) {
        return fail(errc::invalid, "\"scaling_factor\" must be above 0 and below 1e6; found ",
                    c.scaling_factor);
    }
    return {};
}

} // namespace haiga::model
