#pragma once

#include "haiga/checkpoint/keys/unet.hpp"

namespace haiga::checkpoint {

namespace detail {

inline auto hint_place(place const& root) -> place
{
    return root.at("controlnet_cond_embedding", "input_hint_block");
}

/// The 3x3 convolutions that bring the picture to the latents' size: in, pairs of which the second
/// halves the size, out. The original counts their activations too.
inline auto hint_block(place const& root, std::size_t k) -> place
{
    return hint_place(root).at(concat("blocks.", k), concat(2 + 2 * k));
}

} // namespace detail

/// Source: github.com/lllyasviel/ControlNet, cldm/cldm.py; diffusers 0.42.1,
/// models/controlnets/controlnet.py.
inline auto controlnet_keys(catalog::controlnet_layout const& l, place const& root)
    -> std::vector<key_row>
{
    key_rows rows;
    auto const kept = detail::down_keys(rows, root, l.unet);
    rows.conv(detail::hint_place(root).at("conv_in", "0"), l.hint_channels, l.hint[0], 3);
    auto const pairs = l.hint.size() - 1;
    for (std::size_t i = 0; i < pairs; ++i) {
        rows.conv(detail::hint_block(root, 2 * i), l.hint[i], l.hint[i], 3);
        rows.conv(detail::hint_block(root, 2 * i + 1), l.hint[i], l.hint[i + 1], 3);
    }
    rows.conv(detail::hint_place(root).at("conv_out", concat(2 + 4 * pairs)), l.hint.back(),
              l.unet.channels[0], 3);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        auto const zero =
            root.at(concat("controlnet_down_blocks.", i), concat("zero_convs.", i, ".0"));
        rows.conv(zero, kept[i], kept[i], 1);
    }
    detail::mid_keys(rows, root, l.unet);
    auto const channels = l.unet.channels.back();
    rows.conv(root.at("controlnet_mid_block", "middle_block_out.0"), channels, channels, 1);
    return std::move(rows).take();
}

/// Errors: those of read_unet_layout.
inline auto read_controlnet_layout(named_tensors const& tensors, place const& root)
    -> result<catalog::controlnet_layout>
{
    catalog::controlnet_layout l;
    HAIGA_TRY(l.unet, detail::read_down_layout(tensors, root));
    auto const first = detail::hint_place(root).at("conv_in", "0").at("weight");
    HAIGA_TRY(l.hint_channels, tensors.extent(first, 1));
    HAIGA_TRY(l.hint[0], tensors.extent(first, 0));
    l.hint.resize(1);
    for (std::size_t k = 1;; k += 2) { // the last of the original has nothing behind its pair
        auto const pair = detail::hint_block(root, k).at("weight");
        auto const before = detail::hint_block(root, k - 1).at("weight");
        if (!tensors.has(pair) || !tensors.has(before)) {
            return l;
        }
        HAIGA_TRY(auto const channels, tensors.extent(pair, 0));
        l.hint.push_back(channels);
    }
}

} // namespace haiga::checkpoint
