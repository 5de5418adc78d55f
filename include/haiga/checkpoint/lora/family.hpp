#pragma once

#include "haiga/catalog/family.hpp"
#include "haiga/checkpoint/lora/tensor_name.hpp"
#include "haiga/checkpoint/stored_tensor.hpp"

#include <algorithm>

namespace haiga::checkpoint {

namespace detail {

/// A module's name with the dots that kohya's names have lost.
inline auto ends_as(std::string_view module, std::string_view tail) -> bool
{
    auto const same = [](char a, char b) { return a == b || (a == '_' && b == '.'); };
    return module.size() >= tail.size() &&
           std::ranges::equal(module.substr(module.size() - tail.size()), tail, same);
}

inline auto is_cross_attention(std::string_view module) -> bool
{
    return ends_as(module, ".attn2.to_k") || ends_as(module, ".attn2.to_v");
}

inline auto is_of_text(std::string_view module) -> bool
{
    return module.starts_with("text_encoder") || module.starts_with("lora_te");
}

/// SDXL alone has two encoders, which kohya numbers.
inline auto is_of_two_texts(std::string_view module) -> bool
{
    return module.starts_with("text_encoder_2.") || module.starts_with("lora_te1_") ||
           module.starts_with("lora_te2_");
}

} // namespace detail

/// The family of models that a LoRA was made for: from how many channels its cross attention takes
/// from the text, else from its text encoders.
///
/// An SDXL LoRA of the first text encoder alone, under Diffusers' names, passes for one of Stable
/// Diffusion 1, whose encoder is the same.
///
/// Errors: unsupported where nothing tells; mismatch where two tensors tell different families;
///         those of take_apart.
inline auto lora_family(std::span<stored_tensor const> tensors) -> result<catalog::family>
{
    std::optional<catalog::family> by_attention;
    std::optional<catalog::family> by_text;
    bool two_texts = false;
    for (auto const& tensor : tensors) {
        HAIGA_TRY(auto const name, take_apart(tensor.name));
        two_texts = two_texts || detail::is_of_two_texts(name.module);
        if (name.role != lora_role::down || tensor.dims.rank() < 2) {
            continue;
        }
        auto const told = catalog::family_of_context(tensor.dims[1]);
        if (detail::is_of_text(name.module) && detail::ends_as(name.module, "q_proj")) {
            by_text = told;
        }
        if (detail::is_cross_attention(name.module)) {
            if (!told || (by_attention && by_attention != told)) {
                return fail(errc::mismatch, '"', tensor.name, "\": ", tensor.dims[1],
                            " channels of text are not those of ",
                            by_attention ? to_string(*by_attention) : "any known model");
            }
            by_attention = told;
        }
    }
    if (by_attention || two_texts || by_text) {
        return by_attention ? *by_attention : two_texts ? catalog::family::sdxl : *by_text;
    }
    return fail(errc::unsupported, "a LoRA that touches neither cross attention nor the attention "
                                   "of a text encoder: nothing tells its model");
}

} // namespace haiga::checkpoint
