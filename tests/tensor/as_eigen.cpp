#include "haiga/tensor/as_eigen.hpp"

#include "haiga/tensor/tensor.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <type_traits>

using namespace haiga;

TEST_CASE("a matrix and its tensor are one")
{
    tensor<float> values(shape{2, 3});
    auto matrix = as_eigen(values.view());
    CHECK(matrix.rows() == 2);
    CHECK(matrix.cols() == 3);
    matrix(1, 2) = 7;
    CHECK(values(1, 2) == 7);
    values(0, 1) = 5;
    CHECK(matrix(0, 1) == 5);
    matrix *= 2;
    CHECK(values(1, 2) == 14);
    CHECK(matrix.data() == values.data());
}

TEST_CASE("outer axes are rows; a vector is one row, a scalar one element")
{
    tensor<double> values(shape{2, 3, 4});
    std::iota(values.flat().begin(), values.flat().end(), 0.0);
    auto const matrix = as_eigen(values.view());
    CHECK(matrix.rows() == 6);
    CHECK(matrix.cols() == 4);
    CHECK(matrix(4, 3) == values(1, 1, 3));
    CHECK(as_eigen(tensor<int>(shape{5}).view()).rows() == 1);
    CHECK(as_eigen(tensor<int>(shape{}).view()).size() == 1);
    CHECK(as_eigen(tensor<int>(shape{4, 0}).view()).size() == 0);
}

TEST_CASE("a view of constants cannot be written")
{
    tensor<float> const values(shape{2, 2});
    auto matrix = as_eigen(values.view());
    static_assert(std::is_same_v<decltype(matrix.data()), float const*>);
    CHECK(matrix.sum() == 0);
}
