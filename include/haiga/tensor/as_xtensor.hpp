#pragma once

#include "haiga/tensor/view.hpp"

#if __has_include(<xtensor/containers/xadapt.hpp>) // xtensor 0.26 moved its headers
#include <xtensor/containers/xadapt.hpp>
#else
#include <xtensor/xadapt.hpp>
#endif

#include <cstddef>
#include <vector>

namespace haiga {

/// The elements of a view as an xtensor expression: reading and writing it reads and writes them.
/// Shapes: those of the view, row major.
template <class T>
auto as_xtensor(tensor_view<T> view)
{
    std::vector<std::size_t> const extents(view.shape().begin(), view.shape().end());
    return xt::adapt<xt::layout_type::row_major>(
        view.data(), static_cast<std::size_t>(view.elements()), xt::no_ownership(), extents);
}

} // namespace haiga
