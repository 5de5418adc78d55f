#pragma once

#include "haiga/checkpoint/pickle.hpp"
#include "haiga/tensor/dtype.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace haiga::checkpoint {

/// torch's names of a type: of its storage class, and of the type itself.
struct torch_type {
    dtype type;
    std::string_view storage, name; ///< in module "torch"; "" where torch has no such class
};

/// Source: torch/storage.py (_dtype_to_storage_type_map) and torch/_utils.py of PyTorch.
inline constexpr std::array torch_types = {
    torch_type{dtype::f64, "DoubleStorage", "float64"},
    torch_type{dtype::f32, "FloatStorage", "float32"},
    torch_type{dtype::f16, "HalfStorage", "float16"},
    torch_type{dtype::bf16, "BFloat16Storage", "bfloat16"},
    torch_type{dtype::f8_e4m3, "", "float8_e4m3fn"},
    torch_type{dtype::f8_e5m2, "", "float8_e5m2"},
    torch_type{dtype::i64, "LongStorage", "int64"},
    torch_type{dtype::i32, "IntStorage", "int32"},
    torch_type{dtype::i16, "ShortStorage", "int16"},
    torch_type{dtype::i8, "CharStorage", "int8"},
    torch_type{dtype::u8, "ByteStorage", "uint8"},
    torch_type{dtype::boolean, "BoolStorage", "bool"},
};

/// The type of a global such as torch.HalfStorage (field: &torch_type::storage) or torch.float16.
constexpr auto torch_type_of(pickle::global const& g, std::string_view torch_type::*field)
    -> std::optional<dtype>
{
    auto const at = std::ranges::find(torch_types, std::string_view(g.name), field);
    return g.module == "torch" && at != torch_types.end() ? std::optional(at->type) : std::nullopt;
}

inline auto is_untyped_storage(pickle::global const& g) -> bool
{
    return (g.module == "torch.storage" || g.module == "torch") && g.name == "UntypedStorage";
}

namespace detail {

struct global_name {
    std::string_view module, name;
};

/// What occurs in files of Stable Diffusion besides types. Those of the first lines make tensors;
/// the others belong to values that are left out, and are here so that such files can be read.
inline constexpr std::array torch_globals = {
    global_name{"torch._utils", "_rebuild_tensor"},
    global_name{"torch._utils", "_rebuild_tensor_v2"},
    global_name{"torch._utils", "_rebuild_tensor_v3"},
    global_name{"torch._utils", "_rebuild_parameter"},
    global_name{"torch._utils", "_rebuild_parameter_with_state"},
    global_name{"torch._tensor", "_rebuild_from_type_v2"},
    global_name{"collections", "OrderedDict"},
    global_name{"torch", "Size"},
    global_name{"torch", "Tensor"},
    global_name{"torch", "device"},
    global_name{"torch.nn.parameter", "Parameter"},
    global_name{"torch.nn.modules.container", "ParameterDict"},
    global_name{"_codecs", "encode"},
    global_name{"builtins", "set"},
    global_name{"__builtin__", "set"},
    global_name{"collections", "defaultdict"},
    global_name{"collections", "Counter"},
    global_name{"builtins", "dict"},
    global_name{"__builtin__", "dict"},
    global_name{"numpy", "dtype"},
    global_name{"numpy", "ndarray"},
    global_name{"numpy.core.multiarray", "scalar"},
    global_name{"numpy.core.multiarray", "_reconstruct"},
    global_name{"numpy._core.multiarray", "scalar"},
    global_name{"numpy._core.multiarray", "_reconstruct"},
    global_name{"pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"},
    global_name{"pytorch_lightning.callbacks", "ModelCheckpoint"},
};

} // namespace detail

/// The fixed list of what a torch file may name. Nothing on it is ever called.
inline auto is_torch_global(pickle::global const& g) -> bool
{
    auto const named = [&](detail::global_name const& known) {
        return known.module == g.module && known.name == g.name;
    };
    return std::ranges::any_of(detail::torch_globals, named) || is_untyped_storage(g) ||
           torch_type_of(g, &torch_type::storage) || torch_type_of(g, &torch_type::name);
}

} // namespace haiga::checkpoint
