#pragma once

#include "haiga/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace haiga::checkpoint {

/// What a tensor is to its adapter.
enum class lora_role : std::uint8_t {
    down, ///< [rank, in], of a convolution [rank, in, k, k]
    up,   ///< [out, rank]
    mid,  ///< [rank, rank, k, k] between two 1x1 convolutions (CP decomposition)
    alpha,
};

constexpr auto to_string(lora_role role) -> std::string_view
{
    constexpr std::string_view names[] = {"down", "up", "mid", "alpha"};
    return names[static_cast<std::size_t>(role)];
}

/// The name of a tensor of a LoRA file, taken apart.
struct lora_tensor_name {
    std::string module; ///< as the file writes it, but for what says nothing
    lora_role role = lora_role::down;
};

namespace detail {

struct lora_suffix {
    std::string_view text;
    lora_role role;
};

/// "_lora" is of attention's own LoRA layers, which old Diffusers had.
inline constexpr lora_suffix lora_suffixes[] = {
    {".lora_down.weight", lora_role::down},
    {".lora_up.weight", lora_role::up},
    {".lora_mid.weight", lora_role::mid},
    {".lora_A.weight", lora_role::down},
    {".lora_B.weight", lora_role::up},
    {".lora_A.default.weight", lora_role::down},
    {".lora_B.default.weight", lora_role::up},
    {".lora.down.weight", lora_role::down},
    {".lora.up.weight", lora_role::up},
    {".lora_linear_layer.down.weight", lora_role::down},
    {".lora_linear_layer.up.weight", lora_role::up},
    {"_lora.down.weight", lora_role::down},
    {"_lora.up.weight", lora_role::up},
};

/// Adapters of other kinds, by what the names of their tensors hold.
struct other_adapter {
    std::string_view part;
    std::string_view kind;
};

inline constexpr other_adapter other_adapters[] = {
    {"hada_", "LoHa"},
    {"lokr_", "LoKr"},
    {"oft_", "OFT"},
    {"dora_scale", "DoRA"},
    {"lora_magnitude_vector", "DoRA"},
    {"lora_embedding_", "a LoRA of an embedding"},
    {".lora_B.bias", "a LoRA with a bias"},
    {".on_input", "IA3"},
    {".diff", "a full difference"},
};

/// Takes out the first `count` characters of wherever part occurs.
inline void erase_all(std::string& name, std::string_view part, std::size_t count)
{
    for (auto at = name.find(part); at != std::string::npos; at = name.find(part, at)) {
        name.erase(at, count);
    }
}

inline auto take_suffix(std::string& name) -> lora_suffix const*
{
    for (auto const& suffix : lora_suffixes) {
        if (name.ends_with(suffix.text)) {
            name.resize(name.size() - suffix.text.size());
            return &suffix;
        }
    }
    return nullptr;
}

} // namespace detail

/// Takes apart the name of a tensor, whichever program wrote it.
///
/// Errors: unsupported for an adapter of another kind (LoHa, LoKr, DoRA ...); invalid for a name
///         that no LoRA has. Both name the tensor.
inline auto take_apart(std::string_view tensor) -> result<lora_tensor_name>
{
    std::string name(tensor);
    constexpr std::string_view shell = "base_model.model."; // PEFT's own
    detail::erase_all(name, shell, shell.size());
    constexpr std::string_view processor = ".processor.";
    detail::erase_all(name, processor, processor.size() - 1);
    if (constexpr std::string_view alpha = ".alpha"; name.ends_with(alpha)) {
        name.resize(name.size() - alpha.size());
        detail::take_suffix(name); // Diffusers may name it after the down matrix
        return lora_tensor_name{std::move(name), lora_role::alpha};
    }
    if (auto const* const suffix = detail::take_suffix(name)) {
        return lora_tensor_name{std::move(name), suffix->role};
    }
    for (auto const& other : detail::other_adapters) {
        if (tensor.find(other.part) != std::string_view::npos) {
            return fail(errc::unsupported, '"', tensor, "\": ", other.kind, " is not supported");
        }
    }
    return fail(errc::invalid, '"', tensor, "\" is not the name of a tensor of a LoRA");
}

} // namespace haiga::checkpoint
