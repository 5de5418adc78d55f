#pragma once

#include "haiga/base/result.hpp"
#include "haiga/checkpoint/key_map.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::checkpoint {

/// A weight that a LoRA may change.
struct lora_target {
    std::string weight;   ///< in Diffusers, with its component: "unet/conv_in.weight"
    std::string original; ///< in the original
    shape dims;           ///< in Diffusers' arrangement

    /// "unet", "text_encoder" or "text_encoder_2".
    [[nodiscard]] auto component() const -> std::string_view
    {
        return std::string_view(weight).substr(0, weight.find('/'));
    }

    /// "conv_in".
    [[nodiscard]] auto module() const -> std::string_view
    {
        auto const name = std::string_view(weight).substr(weight.find('/') + 1);
        return name.substr(0, name.size() - std::string_view(".weight").size());
    }

    /// What the original calls a module of its UNet: "input_blocks.0.0". Of a text encoder, whose
    /// original no LoRA is named after, the module.
    [[nodiscard]] auto original_module() const -> std::string_view
    {
        constexpr std::string_view front = "model.diffusion_model.";
        constexpr std::string_view back = ".weight";
        auto const name = std::string_view(original);
        return name.starts_with(front) && name.ends_with(back)
                   ? name.substr(front.size(), name.size() - front.size() - back.size())
                   : module();
    }
};

namespace detail {

inline auto with_underscores(std::string_view module) -> std::string
{
    std::string name(module);
    std::ranges::replace(name, '.', '_');
    return name;
}

/// name with `to` for `from` at its end, if that is there.
inline auto with_end(std::string_view name, std::string_view from, std::string_view to)
    -> std::optional<std::string>
{
    return name.ends_with(from)
               ? std::optional(concat(name.substr(0, name.size() - from.size()), to))
               : std::nullopt;
}

/// kohya's: dots are underscores, as they may be in a module's own name. SDXL's UNet is named
/// after the original.
inline auto kohya_names(lora_target const& t) -> std::vector<std::string>
{
    auto const module = with_underscores(t.module());
    if (t.component() == "unet") {
        return {"lora_unet_" + module, "lora_unet_" + with_underscores(t.original_module())};
    }
    return t.component() == "text_encoder" ? std::vector{"lora_te_" + module, "lora_te1_" + module}
                                           : std::vector{"lora_te2_" + module};
}

/// A module of Diffusers, and what it was called while attention had LoRA layers of its own;
/// transformers 5 has no text_model around CLIP's layers.
inline auto module_names(lora_target const& t) -> std::vector<std::string>
{
    constexpr std::pair<std::string_view, std::string_view> before[] = {
        {".to_out.0", ".to_out"},
        {".self_attn.q_proj", ".self_attn.to_q"},
        {".self_attn.k_proj", ".self_attn.to_k"},
        {".self_attn.v_proj", ".self_attn.to_v"},
        {".self_attn.out_proj", ".self_attn.to_out"}};
    std::vector names = {std::string(t.module())};
    for (auto const& [now, then] : before) {
        if (auto old = with_end(names[0], now, then)) {
            names.push_back(*std::move(old));
        }
    }
    constexpr std::string_view shell = "text_model.";
    if (t.component() != "unet" && names[0].starts_with(shell)) {
        names.push_back(names[0].substr(shell.size()));
    }
    return names;
}

} // namespace detail

/// Every name that LoRA files have for the weights of a model, as it stands before ".lora_A.weight"
/// and the like: a table, for kohya's cannot be read without one.
/// Source: networks/lora.py of github.com/kohya-ss/sd-scripts; diffusers 0.42.1,
///         utils/state_dict_utils.py and loaders/lora_conversion_utils.py.
class lora_names {
public:
    /// Of the linear layers and convolutions of a UNet and its text encoders.
    /// Errors: invalid where one name would stand for two weights.
    [[nodiscard]] static auto of(std::span<key_row const> rows) -> result<lora_names>
    {
        lora_names names;
        for (auto const& row : rows) {
            names.add_target(row);
        }
        for (std::size_t i = 0; i < names.targets_.size(); ++i) {
            HAIGA_TRY_VOID(names.add_names(i));
        }
        return names;
    }

    [[nodiscard]] auto targets() const -> std::span<lora_target const> { return targets_; }

    /// Null where there is none.
    [[nodiscard]] auto find(std::string_view name) const -> lora_target const*
    {
        auto const at = by_name_.find(name);
        return at == by_name_.end() ? nullptr : &targets_[at->second];
    }

private:
    void add_target(key_row const& row)
    {
        constexpr std::string_view components[] = {"unet", "text_encoder", "text_encoder_2"};
        lora_target target{row.diffusers, row.original, row.dims};
        bool const matrix = row.dims.rank() == 2 || row.dims.rank() == 4;
        if (!matrix || !row.diffusers.ends_with(".weight") ||
            std::ranges::find(components, target.component()) == std::end(components)) {
            return;
        }
        if (!targets_.empty() && targets_.back().weight == row.diffusers) { // a further block
            targets_.back().dims = with_block(targets_.back().dims, row);
        } else {
            targets_.push_back(std::move(target));
        }
    }

    /// The shape of a tensor that has a block as well.
    static auto with_block(shape const& dims, key_row const& row) -> shape
    {
        std::vector<std::int64_t> extents(dims.begin(), dims.end());
        extents[0] = std::max(extents[0], row.diffusers_row + row.dims[0]);
        return shape(std::span<std::int64_t const>(extents));
    }

    auto add_names(std::size_t i) -> result<>
    {
        auto const& t = targets_[i];
        for (auto& name : detail::kohya_names(t)) {
            HAIGA_TRY_VOID(add(std::move(name), i));
        }
        for (auto& name : detail::module_names(t)) {
            HAIGA_TRY_VOID(add(concat(t.component(), '.', name), i));
            if (t.component() == "unet") { // the oldest files are of a UNet alone
                HAIGA_TRY_VOID(add(std::move(name), i));
            }
        }
        return {};
    }

    auto add(std::string name, std::size_t i) -> result<>
    {
        auto const [at, added] = by_name_.try_emplace(std::move(name), i);
        if (!added && at->second != i) {
            return fail(errc::invalid, '"', at->first, "\" would stand for \"",
                        targets_[at->second].weight, "\" and for \"", targets_[i].weight, '"');
        }
        return {};
    }

    std::vector<lora_target> targets_;
    std::map<std::string, std::size_t, std::less<>> by_name_;
};

} // namespace haiga::checkpoint
