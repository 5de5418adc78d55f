#pragma once

#include "haiga/checkpoint/recognise.hpp"

#include <array>
#include <set>

namespace haiga::checkpoint {

namespace detail {

/// Transformers before 4.0 and since 5.6 leave out text_model; the published files have it.
inline void add_text_model(std::vector<stored_tensor>& tensors)
{
    constexpr std::string_view sign = "embeddings.token_embedding.weight";
    constexpr std::string_view model = "text_model.";
    constexpr std::array<std::string_view, 3> moved = {"embeddings.", "encoder.",
                                                       "final_layer_norm."};
    constexpr std::size_t most = 8; // roots; no model has so many text encoders
    std::set<std::string> roots;
    for (auto const& tensor : tensors) {
        auto const root = tensor.name.size() - std::min(tensor.name.size(), sign.size());
        auto const front = std::string_view(tensor.name).substr(0, root);
        bool const parted = front.empty() || front.ends_with('/') || front.ends_with('.');
        if (tensor.name.ends_with(sign) && parted && !front.ends_with(model) &&
            roots.size() < most) {
            roots.emplace(front);
        }
    }
    for (auto& tensor : tensors) {
        for (auto const& root : roots) {
            auto const tail =
                std::string_view(tensor.name).substr(std::min(root.size(), tensor.name.size()));
            if (tensor.name.starts_with(root) &&
                std::ranges::any_of(moved, [&](auto front) { return tail.starts_with(front); })) {
                tensor.name.insert(root.size(), model);
                break;
            }
        }
    }
}

/// The attention of Diffusers' VAE before 0.15.
inline void rename_vae_attention(stored_tensor& tensor)
{
    constexpr std::pair<std::string_view, std::string_view> renamed[] = {
        {"query", "to_q"}, {"key", "to_k"}, {"value", "to_v"}, {"proj_attn", "to_out.0"}};
    constexpr std::string_view before = "mid_block.attentions.0.";
    auto const at = tensor.name.find(before);
    for (auto const& [old, now] : renamed) {
        auto const start = at == std::string::npos ? 0 : at + before.size();
        if (at != std::string::npos &&
            std::string_view(tensor.name).substr(start).starts_with(concat(old, '.'))) {
            tensor.name.replace(start, old.size(), now);
            return;
        }
    }
}

} // namespace detail

/// Brings the names of earlier and later programs to those of the key maps, and puts the part's
/// folder before the names of one that stands alone with the names of Diffusers.
inline void normalise_names(std::vector<stored_tensor>& tensors)
{
    constexpr std::int64_t width_of_second = 1280; // SDXL's second text encoder
    detail::add_text_model(tensors);
    std::ranges::for_each(tensors, detail::rename_vae_attention);
    for (auto const& part : detail::find_parts(tensors)) {
        if (part.follows != naming::diffusers || !part.root.empty()) {
            continue;
        }
        auto component = detail::component_of(part);
        auto const tokens = std::ranges::find(
            tensors, "text_model.embeddings.token_embedding.weight", &stored_tensor::name);
        if (part.kind == part_kind::clip && tokens != tensors.end() && tokens->dims.rank() == 2 &&
            tokens->dims[1] == width_of_second) {
            component = "text_encoder_2";
        }
        for (auto& tensor : tensors) {
            tensor.name.insert(0, component + '/');
        }
        return;
    }
}

} // namespace haiga::checkpoint
