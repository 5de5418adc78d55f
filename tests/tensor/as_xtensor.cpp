#include "haiga/tensor/as_xtensor.hpp"

#include "haiga/tensor/tensor.hpp"

#include <doctest/doctest.h>

#include <type_traits>

using namespace haiga;

TEST_CASE("an expression and its tensor are one")
{
    tensor<float> values(shape{2, 3, 4});
    auto expression = as_xtensor(values.view());
    CHECK(expression.dimension() == 3);
    CHECK(expression.shape()[2] == 4);
    expression(1, 2, 3) = 7;
    CHECK(values(1, 2, 3) == 7);
    values(0, 1, 2) = 5;
    CHECK(expression(0, 1, 2) == 5);
    expression *= 2.0F;
    CHECK(values(1, 2, 3) == 14);
    CHECK(expression.data() == values.data());
}

TEST_CASE("a view of constants cannot be written; a scalar has no axes")
{
    tensor<double> const values(shape{3, 2});
    auto const expression = as_xtensor(values.view());
    static_assert(std::is_same_v<decltype(expression(0, 0)), double const&>);
    CHECK(expression(2, 1) == 0);
    tensor<int> scalar(shape{});
    auto zero = as_xtensor(scalar.view());
    zero() = 3;
    CHECK(scalar() == 3);
    CHECK(zero.dimension() == 0);
}
