#pragma once

#include "haiga/checkpoint/lora/settings.hpp"
#include "haiga/checkpoint/lora/tensor_name.hpp"
#include "haiga/checkpoint/lora/values.hpp"

namespace haiga::checkpoint {

namespace detail {

/// The tensors of a file that belong to one weight.
struct lora_parts {
    std::array<stored_tensor const*, 4> of_role{};

    [[nodiscard]] auto operator[](lora_role role) -> stored_tensor const*&
    {
        return of_role[static_cast<std::size_t>(role)];
    }
};

/// A weight's shape as a convolution's: a linear layer is one of 1x1.
struct kernel_shape {
    std::int64_t out = 0;
    std::int64_t in = 0;
    std::int64_t height = 1;
    std::int64_t width = 1;
};

inline auto kernel_of(shape const& dims) -> kernel_shape
{
    return dims.rank() == 4 ? kernel_shape{dims[0], dims[1], dims[2], dims[3]}
                            : kernel_shape{dims[0], dims[1]};
}

/// A 1x1 convolution may also be written as a matrix, and a matrix as a 1x1 convolution.
inline auto check_dims(stored_tensor const& t, kernel_shape const& k) -> result<>
{
    shape const as_convolution = {k.out, k.in, k.height, k.width};
    shape const as_matrix = {k.out, k.in};
    bool const pointwise = k.height == 1 && k.width == 1;
    if (t.dims == as_convolution || (pointwise && t.dims == as_matrix)) {
        return {};
    }
    return fail(errc::mismatch, '"', t.name, "\": expected ",
                pointwise ? as_matrix : as_convolution, ", found ", t.dims);
}

/// That nothing larger than the file is made from a tensor, and that it can be computed with.
inline auto check_elements(stored_tensor const& t) -> result<>
{
    auto const bytes = checked_bytes(t.type, t.dims);
    if (!bytes || *bytes > t.bytes.size()) {
        return fail(errc::invalid, '"', t.name, "\": elements of ", t.dims, " share their bytes");
    }
    return with_float_type(t, [](auto) {});
}

inline auto check_shapes(lora_adapter const& a) -> result<>
{
    auto const weight = kernel_of(a.target.dims);
    auto rank = a.down.dims.rank() == 0 ? 0 : a.down.dims[0];
    if (rank == 0) {
        return fail(errc::mismatch, '"', a.down.name, "\": expected [rank, ", weight.in,
                    "], found ", a.down.dims);
    }
    auto const inner = a.mid ? kernel_shape{rank, weight.in}
                             : kernel_shape{rank, weight.in, weight.height, weight.width};
    HAIGA_TRY_VOID(check_dims(a.down, inner));
    HAIGA_TRY_VOID(check_elements(a.down));
    if (a.mid) {
        HAIGA_TRY_VOID(check_dims(*a.mid, {rank, rank, weight.height, weight.width}));
        HAIGA_TRY_VOID(check_elements(*a.mid));
    }
    HAIGA_TRY_VOID(check_dims(a.up, {weight.out, rank}));
    return check_elements(a.up);
}

inline auto make_adapter(lora_target const& target, lora_parts parts, lora_settings const& settings)
    -> result<lora_adapter>
{
    for (auto const role : {lora_role::down, lora_role::up}) {
        if (parts[role] == nullptr) {
            auto const any =
                std::ranges::find_if(parts.of_role, [](auto* t) { return t != nullptr; });
            return fail(errc::not_found, '"', (*any)->name, "\" has no ", to_string(role),
                        " matrix beside it");
        }
    }
    lora_adapter a{target, *parts[lora_role::down], *parts[lora_role::up], {}, 0};
    if (parts[lora_role::mid] != nullptr) {
        a.mid = *parts[lora_role::mid];
    }
    HAIGA_TRY_VOID(check_shapes(a));
    if (parts[lora_role::alpha] != nullptr) {
        HAIGA_TRY(a.alpha, read_number(*parts[lora_role::alpha]));
        return a;
    }
    HAIGA_TRY(auto const told, settings.alpha(target, a.rank()));
    a.alpha = told.value_or(static_cast<double>(a.rank()));
    return a;
}

} // namespace detail

/// Puts every tensor of a LoRA file in its place, whichever of these programs wrote it: kohya's
/// scripts and LyCORIS, PEFT, Diffusers of any age.
///
/// Errors: not_found for a tensor of a module that the model has not, and for half an adapter;
///         invalid for what is no tensor of a LoRA, for two tensors with one place, and where there
///         is none; mismatch for a wrong shape; unsupported for other adapters (LoHa, LoKr, DoRA
///         ...). All name the tensor.
inline auto read_lora(std::span<stored_tensor const> tensors, metadata_map metadata,
                      lora_names const& names) -> result<lora>
{
    if (tensors.empty()) {
        return fail(errc::invalid, "no tensors");
    }
    HAIGA_TRY(auto const settings, lora_settings::read(metadata));
    std::map<std::string_view, std::pair<lora_target const*, detail::lora_parts>> places;
    for (auto const& tensor : tensors) {
        HAIGA_TRY(auto const name, take_apart(tensor.name));
        auto const* const target = names.find(name.module);
        if (target == nullptr) {
            return fail(errc::not_found, '"', tensor.name, "\": the model has no such module");
        }
        auto& place = places[target->weight];
        place.first = target;
        auto const*& part = place.second[name.role];
        if (part != nullptr) {
            return fail(errc::invalid, '"', part->name, "\" and \"", tensor.name, "\": two ",
                        to_string(name.role), " tensors for \"", target->weight, '"');
        }
        part = &tensor;
    }
    lora read;
    for (auto const& [weight, place] : places) {
        HAIGA_TRY(auto adapter, detail::make_adapter(*place.first, place.second, settings));
        read.adapters.push_back(std::move(adapter));
    }
    metadata.erase(std::string(lora_settings_key));
    read.metadata = std::move(metadata);
    return read;
}

} // namespace haiga::checkpoint
