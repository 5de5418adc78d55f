#pragma once

#include "haiga/checkpoint/architecture.hpp"

namespace haiga::checkpoint {

namespace detail {

/// A tensor whose name ends so tells that there is such a part, and where.
struct part_sign {
    part_kind kind;
    naming follows;
    std::string_view tail;
};

/// A ControlNet has all that tells a UNet, and is looked for first. What CLIP's text model is
/// called in the folder it is called in the original too.
inline constexpr part_sign part_signs[] = {
    {part_kind::controlnet, naming::original, "input_hint_block.0.weight"},
    {part_kind::unet, naming::original, "input_blocks.0.0.weight"},
    {part_kind::vae, naming::original, "encoder.mid.attn_1.norm.weight"},
    {part_kind::open_clip, naming::original, "transformer.resblocks.0.ln_1.weight"},
    {part_kind::flux, naming::original, "double_blocks.0.img_mod.lin.weight"},
    {part_kind::controlnet, naming::diffusers, "controlnet_cond_embedding.conv_in.weight"},
    {part_kind::unet, naming::diffusers, "time_embedding.linear_1.weight"},
    {part_kind::vae, naming::diffusers, "encoder.mid_block.attentions.0.group_norm.weight"},
    {part_kind::flux, naming::diffusers, "transformer_blocks.0.attn.add_q_proj.weight"},
    {part_kind::clip, naming::diffusers, "text_model.embeddings.token_embedding.weight"},
};

/// A part by its sign; root is what stands before it, with a slash at its end, or without a dot.
struct found_part {
    part_kind kind;
    naming follows;
    std::string root;
};

inline auto root_before(std::string_view name, std::string_view tail) -> std::optional<std::string>
{
    if (!name.ends_with(tail)) {
        return std::nullopt;
    }
    auto const root = name.substr(0, name.size() - tail.size());
    if (root.empty() || root.ends_with('/')) {
        return std::string(root);
    }
    return root.ends_with('.') ? std::optional(std::string(root.substr(0, root.size() - 1)))
                               : std::nullopt;
}

/// No more than one above the most that any model has.
inline auto find_parts(std::span<stored_tensor const> tensors) -> std::vector<found_part>
{
    constexpr std::size_t enough = 9;
    std::vector<found_part> found;
    for (auto const& sign : part_signs) {
        for (auto const& tensor : tensors) {
            auto const root = root_before(tensor.name, sign.tail);
            if (!root || std::ranges::find(found, *root, &found_part::root) != found.end()) {
                continue;
            }
            if (found.size() == enough) {
                return found;
            }
            bool const dotted = !root->empty() && !root->ends_with('/');
            found.push_back({sign.kind, dotted ? naming::original : sign.follows, *root});
        }
    }
    return found;
}

/// The folder of a part that stands alone or in a single file.
inline auto component_of(found_part const& part) -> std::string
{
    switch (part.kind) {
    case part_kind::unet: return "unet";
    case part_kind::controlnet: return "controlnet";
    case part_kind::vae: return "vae";
    case part_kind::flux: return "transformer";
    case part_kind::clip: return "text_encoder";
    case part_kind::open_clip:
        return part.root.starts_with("conditioner") ? "text_encoder_2" : "text_encoder";
    }
    return {};
}

inline auto read_layout(part_kind kind, named_tensors const& tensors, place const& root)
    -> result<part_layout>
{
    // not result's own conversion: that of tl::expected 1.0 forgets what it made by default
    auto const as_any = []<class L>(result<L> found) -> result<part_layout> {
        return std::move(found).map([](L&& l) { return part_layout(std::move(l)); });
    };
    switch (kind) {
    case part_kind::unet: return as_any(read_unet_layout(tensors, root));
    case part_kind::controlnet: return as_any(read_controlnet_layout(tensors, root));
    case part_kind::vae: return as_any(read_vae_layout(tensors, root));
    case part_kind::flux: return as_any(read_flux_layout(tensors, root));
    case part_kind::open_clip: return as_any(read_open_clip_layout(tensors, root));
    case part_kind::clip: break;
    }
    return as_any(read_clip_layout(tensors, root));
}

inline auto family_by_context(catalog::unet_layout const& unet)
    -> result<std::optional<catalog::family>>
{
    auto const found = catalog::family_of_context(unet.context);
    if (!found) {
        return fail(errc::unsupported, "a UNet for a text state of ", unet.context,
                    " channels; known are 768 (Stable Diffusion 1), 1024 (2), 2048 (SDXL) and 1280 "
                    "(its refiner)");
    }
    return found;
}

inline auto find_family(std::span<model_part const> parts) -> result<std::optional<catalog::family>>
{
    std::optional<catalog::family> found;
    for (auto const& part : parts) {
        if (auto const* const unet = std::get_if<catalog::unet_layout>(&part.layout)) {
            return family_by_context(*unet);
        }
        if (auto const* const net = std::get_if<catalog::controlnet_layout>(&part.layout)) {
            return family_by_context(net->unet);
        }
        if (std::holds_alternative<catalog::flux_layout>(part.layout)) {
            return catalog::family::flux;
        }
        if (auto const* const text = std::get_if<catalog::text_layout>(&part.layout)) {
            found = text->width == 1280   ? catalog::family::sdxl
                    : text->width == 1024 ? catalog::family::sd2
                                          : catalog::family::sd1;
        }
    }
    return found;
}

/// Where the original of a family keeps a text encoder, and in whose naming.
struct text_place {
    catalog::family family;
    std::string_view component;
    part_kind kind;
    std::string_view prefix;
};

inline constexpr text_place text_places[] = {
    {catalog::family::sd1, "text_encoder", part_kind::clip, "cond_stage_model.transformer"},
    {catalog::family::sd2, "text_encoder", part_kind::open_clip, "cond_stage_model.model"},
    {catalog::family::sdxl, "text_encoder", part_kind::clip, "conditioner.embedders.0.transformer"},
    {catalog::family::sdxl, "text_encoder_2", part_kind::open_clip,
     "conditioner.embedders.1.model"},
    {catalog::family::sdxl_refiner, "text_encoder_2", part_kind::open_clip,
     "conditioner.embedders.0.model"},
};

/// Gives a part of a folder its place in the original.
inline void find_original_place(model_part& part, architecture const& all)
{
    switch (part.kind) {
    case part_kind::unet: part.prefix = "model.diffusion_model"; break;
    case part_kind::controlnet: part.prefix = "control_model"; break;
    case part_kind::vae: part.prefix = all.whole ? "first_stage_model" : ""; break;
    case part_kind::flux: break;
    case part_kind::clip:
    case part_kind::open_clip:
        for (auto const& known : text_places) {
            if (all.family == known.family && part.component == known.component) {
                part.kind = known.kind;
                part.prefix = known.prefix;
            }
        }
    }
}

/// What its family does without: layers that none of its programs uses, and projections of a state
/// that they take before it is pooled.
inline void trim(model_part& part, architecture const& all)
{
    constexpr int layers_of_sd2 = 23; // of 24: the state before the last
    auto* const text = std::get_if<catalog::text_layout>(&part.layout);
    if (text == nullptr) {
        return;
    }
    bool const pooled = part.kind == part_kind::open_clip && all.family != catalog::family::sd2;
    text->projection = pooled ? text->projection : std::nullopt;
    if (all.family == catalog::family::sd2) {
        text->layers = std::min(text->layers, layers_of_sd2);
    }
}

} // namespace detail

/// What tensors are a model of. Names of a folder begin with that of the part, "unet/...", also
/// where the part stands alone. A ControlNet's file may hold the model that it was made from, which
/// is not looked at.
///
/// Errors: unsupported where nothing known is found, or a UNet of no known family; invalid for both
///         namings in one; those of the layouts, which name a tensor.
inline auto recognise(std::span<stored_tensor const> tensors) -> result<architecture>
{
    constexpr std::size_t most_parts = 8;
    auto found = detail::find_parts(tensors);
    if (found.empty()) {
        return fail(errc::unsupported, "no known model is in these ", tensors.size(), " tensors",
                    tensors.empty() ? std::string()
                                    : concat(", the first \"", tensors[0].name, '"'));
    }
    if (found[0].kind == part_kind::controlnet) {
        found.resize(1);
    }
    architecture a;
    a.follows = found[0].follows;
    a.whole = found.size() > 1;
    HAIGA_TRY(auto const named, named_tensors::over(tensors, a.follows));
    for (auto const& [kind, follows, root] : found) {
        if (follows != a.follows) {
            return fail(errc::invalid, "tensors with the names of a single file and of a folder");
        }
        model_part part;
        part.kind = kind;
        part.component = root.ends_with('/') ? root.substr(0, root.size() - 1)
                                             : detail::component_of({kind, follows, root});
        part.prefix = follows == naming::original ? root : std::string();
        if (!is_plain_name(part.component)) {
            return fail(errc::invalid, "a part called \"", part.component, "\", no folder's name");
        }
        if (a.part(part.component) != nullptr || a.parts.size() == most_parts) {
            return fail(errc::invalid, "more parts than any known model has: a second ",
                        part.component);
        }
        HAIGA_TRY(part.layout, detail::read_layout(kind, named, part.root()));
        a.parts.push_back(std::move(part));
    }
    HAIGA_TRY(a.family, detail::find_family(a.parts));
    bool const denoises = a.part("unet") != nullptr || a.part("transformer") != nullptr;
    if (a.whole && !denoises) {
        return fail(errc::unsupported,
                    "parts of a model, but neither its unet nor its transformer");
    }
    for (auto& part : a.parts) {
        bool const second = part.kind == part_kind::open_clip && a.family == catalog::family::sdxl;
        part.component = second ? "text_encoder_2" : part.component;
        if (a.follows == naming::diffusers) {
            detail::find_original_place(part, a);
        }
        detail::trim(part, a);
    }
    return a;
}

} // namespace haiga::checkpoint
