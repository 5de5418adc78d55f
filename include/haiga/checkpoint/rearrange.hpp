#pragma once

#include "haiga/checkpoint/key_map.hpp"
#include "haiga/checkpoint/stored_tensor.hpp"

#include <utility>

namespace haiga::checkpoint {

/// Rows of a tensor, where they lie. They have to be in it.
inline auto rows_of(stored_tensor const& tensor, std::int64_t begin, std::int64_t count)
    -> stored_tensor
{
    auto part = tensor;
    std::array<std::int64_t, shape::max_rank> extents{};
    std::copy(tensor.dims.begin(), tensor.dims.end(), extents.begin());
    HAIGA_CHECK(begin >= 0 && count >= 0 && begin + count <= extents[0]);
    extents[0] = count;
    part.dims = shape(std::span(extents).first(static_cast<std::size_t>(tensor.dims.rank())));
    auto const width = size_of(tensor.type);
    auto const reach = checked_reach(part.dims, part.steps).value_or(0);
    auto const first = reach == 0 ? 0 : begin * tensor.steps[0];
    part.bytes = tensor.bytes.subspan(static_cast<std::size_t>(first) * width,
                                      static_cast<std::size_t>(reach) * width);
    return part;
}

namespace detail {

inline auto swapped(stored_tensor tensor) -> stored_tensor
{
    tensor.dims = {tensor.dims[1], tensor.dims[0]};
    std::swap(tensor.steps[0], tensor.steps[1]);
    return tensor;
}

} // namespace detail

/// The shape that a block of Diffusers has in the original.
inline auto original_dims(shape const& dims, relation how) -> shape
{
    if (dims.rank() != 2 || how == relation::same) {
        return dims;
    }
    return how == relation::transposed ? shape{dims[1], dims[0]} : shape{dims[0], dims[1], 1, 1};
}

/// The same values as Diffusers arranges them. A bias is arranged alike in both.
inline auto to_diffusers(stored_tensor tensor, relation how) -> stored_tensor
{
    if (how == relation::conv_1x1 && tensor.dims.rank() == 4) {
        tensor.dims = {tensor.dims[0], tensor.dims[1]};
    }
    return how == relation::transposed ? detail::swapped(std::move(tensor)) : tensor;
}

/// The same values as the original arranges them.
inline auto to_original(stored_tensor tensor, relation how) -> stored_tensor
{
    if (how == relation::conv_1x1 && tensor.dims.rank() == 2) {
        tensor.dims = original_dims(tensor.dims, how);
        tensor.steps[2] = tensor.steps[3] = 1;
    }
    return how == relation::transposed ? detail::swapped(std::move(tensor)) : tensor;
}

} // namespace haiga::checkpoint
