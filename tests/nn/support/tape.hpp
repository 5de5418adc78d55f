#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace haiga::test {

/// A double that remembers how it was made, so that a formula, written once over its number type,
/// gives exact gradients: reverse-mode differentiation, one node an operation.
/// Source: Griewank and Walther 2008, Evaluating Derivatives, chapter 3.
class tape_number {
    struct node {
        int left, right;
        double by_left, by_right; ///< partial derivatives
    };

public:
    tape_number() = default;
    tape_number(double constant) : value_(constant) {} // NOLINT(google-explicit-constructor)

    /// Forgets everything; the next variables are numbered from zero.
    static void clear() { tape().clear(); }
    static auto variable(double value) -> tape_number { return {value, {-1, -1, 0, 0}}; }

    [[nodiscard]] auto value() const -> double { return value_; }

    /// d (sum of seeds * outputs) / d node, for every node since clear().
    static auto gradients(std::span<tape_number const> outputs, std::span<double const> seeds)
        -> std::vector<double>
    {
        std::vector<double> adjoint(tape().size());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            add(adjoint, outputs[i].node_, seeds[i]);
        }
        for (auto i = adjoint.size(); i-- > 0;) {
            auto const& n = tape()[i];
            add(adjoint, n.left, n.by_left * adjoint[i]);
            add(adjoint, n.right, n.by_right * adjoint[i]);
        }
        return adjoint;
    }

    friend auto operator+(tape_number a, tape_number b) -> tape_number
    {
        return made(a.value_ + b.value_, a, 1, b, 1);
    }
    friend auto operator-(tape_number a, tape_number b) -> tape_number
    {
        return made(a.value_ - b.value_, a, 1, b, -1);
    }
    friend auto operator*(tape_number a, tape_number b) -> tape_number
    {
        return made(a.value_ * b.value_, a, b.value_, b, a.value_);
    }
    friend auto operator/(tape_number a, tape_number b) -> tape_number
    {
        auto const q = a.value_ / b.value_;
        return made(q, a, 1 / b.value_, b, -q / b.value_);
    }
    friend auto operator-(tape_number a) -> tape_number { return 0.0 - a; }
    auto operator+=(tape_number other) -> tape_number& { return *this = *this + other; }
    auto operator-=(tape_number other) -> tape_number& { return *this = *this - other; }
    auto operator*=(tape_number other) -> tape_number& { return *this = *this * other; }
    auto operator/=(tape_number other) -> tape_number& { return *this = *this / other; }
    friend auto operator<(tape_number a, tape_number b) -> bool { return a.value_ < b.value_; }

    friend auto exp(tape_number a) -> tape_number
    {
        auto const y = std::exp(a.value_);
        return made(y, a, y);
    }
    friend auto log(tape_number a) -> tape_number
    {
        return made(std::log(a.value_), a, 1 / a.value_);
    }
    friend auto sqrt(tape_number a) -> tape_number
    {
        auto const y = std::sqrt(a.value_);
        return made(y, a, 0.5 / y);
    }
    friend auto erf(tape_number a) -> tape_number
    {
        return made(std::erf(a.value_), a, M_2_SQRTPI * std::exp(-a.value_ * a.value_));
    }
    friend auto sin(tape_number a) -> tape_number
    {
        return made(std::sin(a.value_), a, std::cos(a.value_));
    }
    friend auto cos(tape_number a) -> tape_number
    {
        return made(std::cos(a.value_), a, -std::sin(a.value_));
    }

private:
    tape_number(double value, node n) : value_(value), node_(static_cast<int>(tape().size()))
    {
        tape().push_back(n);
    }

    static auto tape() -> std::vector<node>&
    {
        static std::vector<node> nodes;
        return nodes;
    }

    static auto made(double value, tape_number a, double by_a) -> tape_number
    {
        return made(value, a, by_a, 0.0, 0);
    }
    static auto made(double value, tape_number a, double by_a, tape_number b, double by_b)
        -> tape_number
    {
        if (a.node_ < 0 && b.node_ < 0) {
            return {value};
        }
        return {value, {a.node_, b.node_, by_a, by_b}};
    }

    static void add(std::vector<double>& adjoint, int node, double x)
    {
        if (node >= 0) {
            adjoint[static_cast<std::size_t>(node)] += x;
        }
    }

    double value_ = 0;
    int node_ = -1;
};

} // namespace haiga::test
