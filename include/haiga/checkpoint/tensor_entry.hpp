#pragma once

#include "haiga/base/result.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/tensor/dtype.hpp"
#include "haiga/tensor/shape.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace haiga::checkpoint {

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

/// The names that a file may give its tensors.
/// Errors: invalid for a name that occurs twice or is not UTF-8.
inline auto check_names(std::span<tensor_entry const> tensors) -> result<>
{
    std::vector<std::string_view> names;
    std::ranges::transform(tensors, std::back_inserter(names), &tensor_entry::name);
    for (auto const name : names) {
        if (auto const at = find_invalid_utf8(name)) {
            return fail(errc::invalid, "the name of a tensor is not UTF-8 at its byte ", *at);
        }
    }
    std::ranges::sort(names);
    if (auto const twice = std::ranges::adjacent_find(names); twice != names.end()) {
        return fail(errc::invalid, "two tensors are called \"", *twice, '"');
    }
    return {};
}

} // namespace haiga::checkpoint
