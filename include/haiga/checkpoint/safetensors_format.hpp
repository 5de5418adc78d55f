#pragma once

#include "haiga/tensor/dtype.hpp"
#include "haiga/tensor/shape.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace haiga::checkpoint {

/// The safetensors format: 8 bytes little-endian length, a JSON header of that length, the data.
/// Source: "Format" in the README of github.com/huggingface/safetensors, and its reference reader.
inline constexpr std::size_t safetensors_prefix = 8;
inline constexpr std::uint64_t safetensors_max_header = 100'000'000;
inline constexpr std::string_view safetensors_metadata_key = "__metadata__";

using metadata_map = std::map<std::string, std::string>;

/// One tensor of a checkpoint.
struct tensor_entry {
    std::string name;
    dtype type = dtype::f32;
    shape dims;
    std::uint64_t begin = 0; ///< bytes from the start of the data, which follow the header
    std::uint64_t end = 0;

    [[nodiscard]] auto bytes() const -> std::uint64_t { return end - begin; }

    friend auto operator==(tensor_entry const&, tensor_entry const&) -> bool = default;
};

/// The bytes that a tensor takes; nothing when they are more than 2^63.
constexpr auto checked_bytes(dtype type, shape const& dims) -> std::optional<std::uint64_t>
{
    auto const count = dims.checked_elements();
    auto const width = static_cast<std::int64_t>(size_of(type));
    if (!count || *count > std::numeric_limits<std::int64_t>::max() / width) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(*count * width);
}

} // namespace haiga::checkpoint
