#pragma once

#include "tests/nn/support/operand.hpp"
#include "tests/nn/support/tape.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <numeric>

namespace haiga::test {

/// What an op should compute, in scalar arithmetic: a template over the number type that takes
/// tensor<Number> const& a operand and returns tensor<Number>. Kept without its type, so that what
/// follows is compiled once.
struct formula {
    template <class Number>
    using function = std::function<tensor<Number>(std::vector<tensor<Number>> const&)>;
    function<double> plain;
    function<tape_number> taped;

    template <std::size_t Operands, class F>
    static auto of(F f) -> formula
    {
        auto const spread = [f](auto const& in) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) { return f(in[I]...); }
            (std::make_index_sequence<Operands>{});
        };
        return {spread, spread};
    }
};

template <class Number>
auto to_tensors(std::span<operand const> operands, std::vector<std::vector<double>> const& values,
                std::function<Number(double, operand const&)> const& make)
    -> std::vector<tensor<Number>>
{
    std::vector<tensor<Number>> tensors;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        auto& made = tensors.emplace_back(operands[i].shape);
        for (std::size_t e = 0; e < values[i].size(); ++e) {
            made.flat()[e] = make(values[i][e], operands[i]);
        }
    }
    return tensors;
}

/// The formula's values and, a operand, the gradient of sum(seed * values): empty for constants.
struct reference {
    std::vector<double> values;
    std::vector<std::vector<double>> gradients;
};

/// seed_of gets the shape of the output, before there is a seed.
inline auto evaluate(formula const& f, std::span<operand const> operands,
                     std::vector<std::vector<double>> const& values,
                     std::function<std::vector<double>(shape)> const& seed_of) -> reference
{
    tape_number::clear();
    auto const in = to_tensors<tape_number>(operands, values, [](double x, operand const& o) {
        return o.has_gradient() ? tape_number::variable(x) : tape_number(x);
    });
    auto const out = f.taped(in);
    auto const adjoint = tape_number::gradients(out.flat(), seed_of(out.shape()));
    reference made;
    for (auto const& y : out.flat()) {
        made.values.push_back(y.value());
    }
    auto next = adjoint.begin();
    for (auto const& o : operands) {
        auto const n = o.has_gradient() ? o.shape.elements() : 0;
        made.gradients.emplace_back(next, next + n);
        next += n;
    }
    return made;
}

inline auto norm(std::span<double const> x) -> double
{
    return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}

namespace detail {

/// d sum(seed * f) / d values[which][e], by central differences of fourth order: with steps of
/// 1e-3, truncation is about 1e-12 and rounding 1e-13 of the sum.
inline auto central_difference(formula const& f, std::span<operand const> operands,
                               std::vector<std::vector<double>>& values, std::size_t which,
                               std::size_t e, std::span<double const> seed) -> double
{
    constexpr double step = 1e-3;
    auto const at = [&](double offset) {
        auto const kept = values[which][e];
        values[which][e] = kept + offset;
        auto const out = f.plain(
            to_tensors<double>(operands, values, [](double x, operand const&) { return x; }));
        values[which][e] = kept;
        return std::inner_product(seed.begin(), seed.end(), out.flat().begin(), 0.0);
    };
    return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
}

} // namespace detail

/// The exact gradients of the formula equal its central differences to 1e-6 of their norm.
/// Cost: four evaluations an element; keep the operands small.
template <class F, class... Operands>
void check_central_differences(F const& plain_formula, Operands const&... given)
{
    INFO("HAIGA_TEST_SEED=", test_seed());
    std::array const operands{given...};
    auto const f = formula::of<sizeof...(given)>(plain_formula);
    std::vector<std::vector<double>> values;
    for (auto const& o : operands) {
        values.push_back(draw(o, static_cast<std::uint32_t>(values.size())));
    }
    std::vector<double> seed;
    auto const exact = evaluate(f, operands, values,
                                [&](shape dims) { return seed = draw(activation(dims), 1000); });
    for (std::size_t i = 0; i < operands.size(); ++i) {
        std::vector<double> difference;
        for (std::size_t e = 0; e < exact.gradients[i].size(); ++e) {
            difference.push_back(exact.gradients[i][e] -
                                 detail::central_difference(f, operands, values, i, e, seed));
        }
        INFO("operand ", i);
        CHECK(norm(difference) <= 1e-6 * norm(exact.gradients[i]));
    }
}

} // namespace haiga::test
