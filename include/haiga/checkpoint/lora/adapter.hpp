#pragma once

#include "haiga/checkpoint/lora/names.hpp"
#include "haiga/checkpoint/safetensors_format.hpp"
#include "haiga/checkpoint/stored_tensor.hpp"

namespace haiga::checkpoint {

/// What a LoRA adds to one weight: alpha / rank * up * down, or up * mid * down. The tensors are
/// where they lie in the file.
/// Source: Hu et al. 2021, arXiv:2106.09685, section 4.1; for mid LyCORIS, functional/locon.py of
///         github.com/KohakuBlueleaf/LyCORIS.
struct lora_adapter {
    lora_target target;
    stored_tensor down;               ///< [rank, in]; of a k x k convolution [rank, in, k, k]
    stored_tensor up;                 ///< [out, rank]
    std::optional<stored_tensor> mid; ///< [rank, rank, k, k]; down is then 1x1
    double alpha = 1;                 ///< the rank, where the file has none

    [[nodiscard]] auto rank() const -> std::int64_t { return down.dims[0]; }
};

/// A LoRA file; its bytes have to outlive this.
struct lora {
    std::vector<lora_adapter> adapters; ///< by the names of their weights
    metadata_map metadata;              ///< of the file, but for what is told by the adapters

    /// The adapter of a weight, by Diffusers' name with its component; null where there is none.
    [[nodiscard]] auto find(std::string_view weight) const -> lora_adapter const*
    {
        auto const name = [](lora_adapter const& a) { return std::string_view(a.target.weight); };
        auto const at = std::ranges::lower_bound(adapters, weight, {}, name);
        return at != adapters.end() && name(*at) == weight ? &*at : nullptr;
    }
};

/// A module that a LoRA touches.
struct lora_module {
    std::string weight; ///< "unet/down_blocks.0.attentions.0.proj_in.weight"
    std::int64_t rank = 0;
    double alpha = 0;

    friend auto operator==(lora_module const&, lora_module const&) -> bool = default;
};

/// What a LoRA touches, by name.
inline auto targets(lora const& l) -> std::vector<lora_module>
{
    std::vector<lora_module> modules;
    for (auto const& a : l.adapters) {
        modules.push_back({a.target.weight, a.rank(), a.alpha});
    }
    return modules;
}

} // namespace haiga::checkpoint
