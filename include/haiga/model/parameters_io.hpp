#pragma once

#include "haiga/base/result.hpp"
#include "haiga/model/flat_parameters.hpp"

#include <cstddef>
#include <cstring>
#include <map>
#include <string_view>

namespace haiga::model {

/// A tensor of a checkpoint, where it lies: little-endian, aligned to nothing.
struct checkpoint_tensor {
    std::string_view name;
    dtype type = dtype::f32;
    shape dims;
    std::span<std::byte const> bytes;
};

namespace detail {

template <class From, class T>
void convert(std::span<std::byte const> bytes, std::span<T> to)
{
    for (std::size_t i = 0; i < to.size(); ++i) {
        From x{};
        std::memcpy(&x, bytes.data() + i * sizeof(From), sizeof(From));
        if constexpr (std::is_same_v<From, f16>) {
            to[i] = static_cast<T>(static_cast<float>(x));
        } else {
            to[i] = static_cast<T>(x);
        }
    }
}

template <class T>
auto convert(checkpoint_tensor const& from, std::span<T> to) -> result<>
{
    if (from.bytes.size() != to.size() * size_of(from.type)) {
        return fail(errc::mismatch, '"', from.name, "\" has ", from.bytes.size(), " bytes, not ",
                    to.size() * size_of(from.type));
    }
    switch (from.type) {
    case dtype::f64: convert<double>(from.bytes, to); return {};
    case dtype::f32: convert<float>(from.bytes, to); return {};
    case dtype::f16: convert<f16>(from.bytes, to); return {};
    case dtype::bf16: convert<bf16>(from.bytes, to); return {};
    default:
        return fail(errc::unsupported, '"', from.name, "\" may be F64, F32, F16 or BF16; found ",
                    to_string(from.type));
    }
}

/// The tensors by name. Errors: invalid for a name that occurs twice.
inline auto index_tensors(std::span<checkpoint_tensor const> tensors)
    -> result<std::map<std::string_view, checkpoint_tensor const*>>
{
    std::map<std::string_view, checkpoint_tensor const*> index;
    for (auto const& tensor : tensors) {
        if (!index.emplace(tensor.name, &tensor).second) {
            return fail(errc::invalid, "two tensors are called \"", tensor.name, '"');
        }
    }
    return index;
}

} // namespace detail

/// Fills a flat buffer from a checkpoint. prefix, as in "unet.", is what the graph's names have
/// before the checkpoint's; parameters without it are another model's and stay as they are.
///
/// Errors: not_found for a parameter that the checkpoint lacks; mismatch for another shape, and for
///         a tensor that no parameter wants; unsupported for a type that holds no real numbers.
///         Each names the tensor. The buffer may then be partly filled.
template <class T>
auto load_parameters(flat_parameters<T> const& parameters,
                     std::span<checkpoint_tensor const> tensors, std::string_view prefix = {})
    -> result<>
{
    HAIGA_TRY(auto index, detail::index_tensors(tensors));
    std::vector<T> values;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        auto const& p = parameters.info(i);
        if (!std::string_view(p.name).starts_with(prefix)) {
            continue;
        }
        auto const at = index.find(std::string_view(p.name).substr(prefix.size()));
        if (at == index.end()) {
            return fail(errc::not_found, '"', p.name.substr(prefix.size()), "\" is missing");
        }
        if (at->second->dims != p.shape) {
            return fail(errc::mismatch, '"', at->first, "\" should be ", p.shape, "; found ",
                        at->second->dims);
        }
        values.resize(parameters.stored(i).size());
        HAIGA_TRY_VOID(detail::convert<T>(*at->second, values));
        device::to_stored<T>(p, values, parameters.stored(i));
        index.erase(at);
    }
    if (!index.empty()) {
        return fail(errc::mismatch, '"', index.begin()->first, "\" is no parameter of this model, ",
                    index.size(), " such in all");
    }
    return {};
}

} // namespace haiga::model
