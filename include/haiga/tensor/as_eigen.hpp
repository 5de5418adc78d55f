#pragma once

#include "haiga/tensor/view.hpp"

#include <Eigen/Core>

#include <type_traits>

namespace haiga {

template <class T>
using eigen_matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The elements of a view as an Eigen matrix: reading and writing it reads and writes them.
/// Shapes: [..., n] -> rows * n, all outer axes together; [n] -> 1 * n; a scalar -> 1 * 1.
template <class T>
auto as_eigen(tensor_view<T> view)
{
    using matrix = eigen_matrix<std::remove_const_t<T>>;
    auto const columns = view.shape().rank() == 0 ? 1 : view.shape()[-1];
    auto const rows = columns == 0 ? 0 : view.elements() / columns;
    using map = Eigen::Map<std::conditional_t<std::is_const_v<T>, matrix const, matrix>>;
    return map(view.data(), static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
}

} // namespace haiga
