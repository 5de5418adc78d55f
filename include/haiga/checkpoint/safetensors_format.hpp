#pragma once

#include "haiga/checkpoint/tensor_entry.hpp"

#include <map>
#include <string_view>

namespace haiga::checkpoint {

/// The safetensors format: 8 bytes little-endian length, a JSON header of that length, the data.
/// Source: "Format" in the README of github.com/huggingface/safetensors, and its reference reader.
inline constexpr std::size_t safetensors_prefix = 8;
inline constexpr std::uint64_t safetensors_max_header = 100'000'000;
inline constexpr std::string_view safetensors_metadata_key = "__metadata__";

using metadata_map = std::map<std::string, std::string>;

} // namespace haiga::checkpoint
