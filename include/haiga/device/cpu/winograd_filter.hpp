#pragma once

#include <array>
#include <cstddef>

namespace haiga::device::winograd {

/// Minimal filtering F(4x4, 3x3): 4 x 4 outputs of a convolution from 6 x 6 inputs take 36 products
/// instead of 144,
///   y = A^T ((G w G^T) * (B^T x B)) A,   * element by element.
/// Source: Winograd 1980, Arithmetic Complexity of Computations; Lavin and Gray 2016,
///         arXiv:1509.09308, for the names.
inline constexpr std::size_t outputs = 4, taps = 3, inputs = outputs + taps - 1;
inline constexpr std::size_t products = inputs * inputs;

template <std::size_t Rows, std::size_t Columns>
using factors = std::array<std::array<float, Columns>, Rows>;

namespace detail {

/// Where polynomials are evaluated, besides at infinity: few and small numbers in the factors, and
/// least rounding of those that Barabasz et al. 2020, arXiv:1803.10986, tried.
inline constexpr std::array<double, inputs - 1> points{0, 1, -1, 0.5, -2};

/// Coefficients of the product of (x - point) over all points but one; from x^0.
constexpr auto product_without(std::size_t left_out) -> std::array<double, inputs>
{
    std::array<double, inputs> c{1};
    for (std::size_t p = 0; p < points.size(); ++p) {
        for (std::size_t i = inputs; i-- > 0 && p != left_out;) {
            c[i] = (i > 0 ? c[i - 1] : 0) - points[p] * c[i];
        }
    }
    return c;
}

constexpr auto power(double x, std::size_t exponent) -> double
{
    double y = 1;
    for (std::size_t i = 0; i < exponent; ++i) {
        y *= x;
    }
    return y;
}

/// The value at a point, and at infinity the highest coefficient.
constexpr auto evaluation(std::size_t at, std::size_t exponent, std::size_t highest) -> double
{
    return at < points.size() ? power(points[at], exponent) : exponent == highest ? 1 : 0;
}

constexpr auto input_factors() -> factors<inputs, inputs>
{
    factors<inputs, inputs> m{};
    for (std::size_t i = 0; i < inputs; ++i) {
        auto const c = product_without(i);
        for (std::size_t j = 0; j < inputs; ++j) {
            m[i][j] = static_cast<float>(c[j]);
        }
    }
    return m;
}

constexpr auto weight_factors() -> factors<inputs, taps>
{
    factors<inputs, taps> m{};
    for (std::size_t i = 0; i < inputs; ++i) {
        double distance = 1;
        for (std::size_t p = 0; p < points.size(); ++p) {
            distance *= i < points.size() && p != i ? points[i] - points[p] : 1;
        }
        for (std::size_t j = 0; j < taps; ++j) {
            m[i][j] = static_cast<float>(evaluation(i, j, taps - 1) / distance);
        }
    }
    return m;
}

constexpr auto output_factors() -> factors<outputs, inputs>
{
    factors<outputs, inputs> m{};
    for (std::size_t i = 0; i < outputs; ++i) {
        for (std::size_t j = 0; j < inputs; ++j) {
            m[i][j] = static_cast<float>(evaluation(j, i, outputs - 1));
        }
    }
    return m;
}

} // namespace detail

inline constexpr auto of_inputs = detail::input_factors();   ///< B^T
inline constexpr auto of_weights = detail::weight_factors(); ///< G
inline constexpr auto of_outputs = detail::output_factors(); ///< A^T

} // namespace haiga::device::winograd
