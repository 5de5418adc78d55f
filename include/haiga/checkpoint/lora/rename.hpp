#pragma once

#include "haiga/catalog/family.hpp"
#include "haiga/checkpoint/lora/settings.hpp"

#include <memory>

namespace haiga::checkpoint {

/// A LoRA under the names of another program, ready to be written. The tensors are where they lie
/// in the file it was read from; alphas lie in here.
struct renamed_lora {
    std::vector<stored_tensor> tensors;
    metadata_map metadata;
    std::unique_ptr<float[]> alphas;
};

namespace detail {

/// A matrix, or a 1x1 convolution, with as many axes as the weight it belongs to.
inline auto with_axes_of(lora_target const& target, stored_tensor t) -> stored_tensor
{
    if (target.dims.rank() == 4 && t.dims.rank() == 2) {
        t.dims = {t.dims[0], t.dims[1], 1, 1};
        t.steps[2] = t.steps[3] = 1;
    } else if (target.dims.rank() == 2 && t.dims.rank() == 4) {
        t.dims = {t.dims[0], t.dims[1]};
    }
    return t;
}

inline auto under_name(lora_target const& target, stored_tensor t, std::string name)
    -> stored_tensor
{
    t = with_axes_of(target, std::move(t));
    t.name = std::move(name);
    return t;
}

/// Without kohya's hashes of the tensors under their former names.
inline auto kept_metadata(lora const& l) -> metadata_map
{
    auto metadata = l.metadata;
    std::erase_if(metadata, [](auto const& m) { return m.first.starts_with("sshs_"); });
    return metadata;
}

inline auto kohya_module(lora_target const& t, catalog::family family) -> std::string
{
    bool const xl = family == catalog::family::sdxl;
    if (t.component() == "unet") {
        return "lora_unet_" + with_underscores(xl ? t.original_module() : t.module());
    }
    auto const* const prefix = t.component() == "text_encoder_2" ? "lora_te2_"
                               : xl                              ? "lora_te1_"
                                                                 : "lora_te_";
    return prefix + with_underscores(t.module());
}

/// PEFT's names, and for text encoders those that Diffusers' own training scripts write: it takes
/// PEFT's there only where a LoRA touches attention.
inline auto diffusers_ends(lora_target const& t) -> std::pair<std::string_view, std::string_view>
{
    if (t.component() == "unet") {
        return {".lora_A.weight", ".lora_B.weight"};
    }
    return {".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight"};
}

} // namespace detail

/// The same LoRA as kohya's scripts write it; every adapter has its alpha, as f32.
/// Source: networks/lora.py and sdxl_train_network.py of github.com/kohya-ss/sd-scripts.
inline auto lora_for_kohya(lora const& l, catalog::family family) -> renamed_lora
{
    renamed_lora out;
    out.metadata = detail::kept_metadata(l);
    out.alphas = std::make_unique<float[]>(l.adapters.size());
    auto* alpha = out.alphas.get();
    for (auto const& a : l.adapters) {
        auto const module = detail::kohya_module(a.target, family);
        auto const add = [&](stored_tensor const& t, std::string_view end) {
            out.tensors.push_back(detail::under_name(a.target, t, concat(module, end)));
        };
        *alpha = static_cast<float>(a.alpha);
        out.tensors.push_back(
            {module + ".alpha", dtype::f32, {}, {}, std::as_bytes(std::span(alpha++, 1))});
        add(a.down, ".lora_down.weight");
        if (a.mid) {
            add(*a.mid, ".lora_mid.weight");
        }
        add(a.up, ".lora_up.weight");
    }
    return out;
}

/// The same LoRA as Diffusers' pytorch_lora_weights.safetensors. Nothing is computed: alphas that
/// are not the rank go into the metadata, for Diffusers refuses files with tensors of them.
///
/// Errors: unsupported for an adapter with a mid, which Diffusers has no place for.
/// Source: diffusers 0.42.1, loaders/lora_pipeline.py and loaders/lora_base.py.
inline auto lora_for_diffusers(lora const& l) -> result<renamed_lora>
{
    renamed_lora out;
    out.metadata = detail::kept_metadata(l);
    out.metadata["format"] = "pt";
    if (auto settings = write_lora_settings(l)) {
        out.metadata[std::string(lora_settings_key)] = *std::move(settings);
    }
    for (auto const& a : l.adapters) {
        if (a.mid) {
            return fail(errc::unsupported, '"', a.mid->name, "\": Diffusers has no place for it");
        }
        auto const module = concat(a.target.component(), '.', a.target.module());
        auto const ends = detail::diffusers_ends(a.target);
        out.tensors.push_back(detail::under_name(a.target, a.down, concat(module, ends.first)));
        out.tensors.push_back(detail::under_name(a.target, a.up, concat(module, ends.second)));
    }
    return out;
}

} // namespace haiga::checkpoint
