#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tensor/dtype.hpp"
#include "haiga/tensor/shape.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace haiga::checkpoint {

/// How far apart, in elements, the neighbours along each axis lie; none is negative.
using strides = std::array<std::int64_t, shape::max_rank>;

/// Strides of a dense tensor in C order.
constexpr auto dense_strides(shape const& dims) -> strides
{
    strides steps{};
    std::int64_t step = 1;
    for (int axis = dims.rank(); axis-- > 0;) {
        steps[static_cast<std::size_t>(axis)] = step;
        step *= std::max<std::int64_t>(dims[axis], 1);
    }
    return steps;
}

/// A tensor of a file, where it lies: little-endian, aligned to nothing, its elements in any order.
struct stored_tensor {
    std::string name;
    dtype type = dtype::f32;
    shape dims;
    strides steps{};
    std::span<std::byte const> bytes; ///< from its first element to its last, as steps tell

    [[nodiscard]] auto is_dense() const -> bool
    {
        auto const dense = dense_strides(dims);
        for (int axis = 0; axis < dims.rank(); ++axis) {
            auto const i = static_cast<std::size_t>(axis);
            if (dims[axis] == 0) {
                return true;
            }
            if (dims[axis] > 1 && steps[i] != dense[i]) {
                return false;
            }
        }
        return true;
    }
};

/// The elements that a tensor of these steps reaches over, first and last included; nothing for
/// more than 2^63. Sizes and steps may be whatever a file says.
constexpr auto checked_reach(shape const& dims, strides const& steps) -> std::optional<std::int64_t>
{
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    auto const count = dims.checked_elements();
    if (!count || *count == 0) {
        return count;
    }
    std::int64_t reach = 1;
    for (int axis = 0; axis < dims.rank(); ++axis) {
        auto const step = steps[static_cast<std::size_t>(axis)];
        auto const last = dims[axis] - 1;
        if (step < 0 || (last > 0 && step > (most - reach) / last)) {
            return std::nullopt;
        }
        reach += last * step;
    }
    return reach;
}

namespace detail {

/// Copies every element of a strided tensor, in C order, through a buffer of a few pages.
template <class Use>
auto gather(stored_tensor const& from, Use const& use) -> result<>
{
    constexpr std::size_t piece = std::size_t{1} << 16U;
    auto const width = size_of(from.type);
    std::vector<std::byte> buffer;
    buffer.reserve(piece);
    std::array<std::int64_t, shape::max_rank> at{};
    std::int64_t offset = 0;
    for (auto left = from.dims.elements(); left > 0; --left) {
        auto const element = from.bytes.subspan(static_cast<std::size_t>(offset) * width, width);
        buffer.insert(buffer.end(), element.begin(), element.end());
        if (buffer.size() == piece || left == 1) {
            HAIGA_TRY_VOID(use(std::span<std::byte const>(buffer)));
            buffer.clear();
        }
        for (int axis = from.dims.rank(); axis-- > 0;) {
            auto const i = static_cast<std::size_t>(axis);
            offset += from.steps[i];
            if (++at[i] < from.dims[axis]) {
                break;
            }
            offset -= from.steps[i] * std::exchange(at[i], 0);
        }
    }
    return {};
}

} // namespace detail

/// Calls use(piece) with all data of a tensor, in C order, in pieces of whole elements: its own
/// bytes at once where it is dense. Errors: those of use.
template <class Use>
auto for_each_piece(stored_tensor const& tensor, Use const& use) -> result<>
{
    return tensor.is_dense() ? use(tensor.bytes) : detail::gather(tensor, use);
}

} // namespace haiga::checkpoint
