#pragma once

#include "haiga/base/half.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <type_traits>
#include <vector>

/// Group norm, then SiLU if asked for, on [samples, pixels, channels].
struct group_norm_case {
    std::int64_t samples, pixels, channels, groups;
    bool silu;
    double eps;
    std::vector<double> x, dy, gamma, beta;
};

struct group_norm_results {
    std::vector<double> stats, y, dx, dgamma, dbeta;
};

inline auto make_group_norm_case(std::int64_t samples, std::int64_t pixels, std::int64_t channels,
                                 std::int64_t groups, bool silu) -> group_norm_case
{
    std::mt19937_64 bits(static_cast<std::uint64_t>(samples * pixels * channels));
    auto const fill = [&](std::int64_t n, double middle, double spread) {
        std::uniform_real_distribution<double> some(middle - spread, middle + spread);
        std::vector<double> v(static_cast<std::size_t>(n));
        for (auto& element : v) {
            element = some(bits);
        }
        return v;
    };
    auto const n = samples * pixels * channels;
    return {samples,
            pixels,
            channels,
            groups,
            silu,
            1e-5,
            fill(n, 0.5, 2),
            fill(n, 0, 1),
            fill(channels, 1, 0.5),
            fill(channels, 0, 0.5)};
}

template <class T>
auto stored_as(std::vector<double> const& v) -> std::vector<T>
{
    std::vector<T> out;
    for (auto const element : v) {
        out.push_back(T(static_cast<float>(element)));
    }
    return out;
}

template <class T>
auto in_double(std::vector<T> const& v) -> std::vector<double>
{
    return {v.begin(), v.end()};
}

/// The same case with numbers that T (and fp32, for parameters) holds exactly.
template <class T>
auto rounded(group_norm_case c) -> group_norm_case
{
    auto const round = [](auto& v, auto zero) {
        for (auto& element : v) {
            element = static_cast<double>(decltype(zero)(static_cast<float>(element)));
        }
    };
    round(c.x, T{});
    round(c.dy, T{});
    round(c.gamma, float{});
    round(c.beta, float{});
    return c;
}

/// The scalar formula in double precision, group by group.
class group_norm_formula {
public:
    explicit group_norm_formula(group_norm_case const& c) : c_(c)
    {
        r_.y.resize(c.x.size());
        r_.dx.resize(c.x.size());
        r_.dgamma.resize(c.gamma.size());
        r_.dbeta.resize(c.beta.size());
        for (std::int64_t n = 0; n < c.samples; ++n) {
            for (std::int64_t g = 0; g < c.groups; ++g) {
                one_group(n, g);
            }
        }
    }
    [[nodiscard]] auto results() const -> group_norm_results const& { return r_; }

private:
    template <class Body>
    void for_each(std::int64_t n, std::int64_t g, Body const& body) const
    {
        auto const width = c_.channels / c_.groups;
        for (std::int64_t p = 0; p < c_.pixels; ++p) {
            for (auto k = g * width; k < (g + 1) * width; ++k) {
                body(static_cast<std::size_t>((n * c_.pixels + p) * c_.channels + k),
                     static_cast<std::size_t>(k));
            }
        }
    }

    void one_group(std::int64_t n, std::int64_t g)
    {
        auto const count = static_cast<double>(c_.pixels * c_.channels / c_.groups);
        double mean = 0;
        for_each(n, g, [&](std::size_t i, std::size_t) { mean += c_.x[i] / count; });
        double variance = 0;
        for_each(n, g, [&](std::size_t i, std::size_t) {
            variance += (c_.x[i] - mean) * (c_.x[i] - mean) / count;
        });
        double const scale = 1 / std::sqrt(variance + c_.eps);
        r_.stats.push_back(mean);
        r_.stats.push_back(scale);
        double first = 0;
        double second = 0;
        for_each(n, g, [&](std::size_t i, std::size_t k) {
            auto const h = (c_.x[i] - mean) * scale;
            auto const z = c_.gamma[k] * h + c_.beta[k];
            auto const s = 1 / (1 + std::exp(-z));
            r_.y[i] = c_.silu ? z * s : z;
            auto const dz = c_.silu ? c_.dy[i] * (s + z * s * (1 - s)) : c_.dy[i];
            r_.dbeta[k] += dz;
            r_.dgamma[k] += dz * h;
            r_.dx[i] = c_.gamma[k] * dz;
            first += c_.gamma[k] * dz / count;
            second += c_.gamma[k] * dz * h / count;
        });
        for_each(n, g, [&](std::size_t i, std::size_t) {
            r_.dx[i] = scale * (r_.dx[i] - first - (c_.x[i] - mean) * scale * second);
        });
    }

    group_norm_case const& c_;
    group_norm_results r_;
};

inline auto formula_of(group_norm_case const& c) -> group_norm_results
{
    return group_norm_formula(c).results();
}

/// The formula's dx, dgamma, dbeta along one direction, against central differences of its y.
inline auto gradient_error(group_norm_case const& c) -> double
{
    constexpr double step = 1e-5;
    auto const loss = [&](double t) {
        auto moved = c;
        auto const along = [&](auto& v, double phase) {
            for (std::size_t i = 0; i < v.size(); ++i) {
                v[i] += t * std::sin(static_cast<double>(i) + phase);
            }
        };
        along(moved.x, 0);
        along(moved.gamma, 1);
        along(moved.beta, 2);
        auto const y = formula_of(moved).y;
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
            sum += y[i] * c.dy[i];
        }
        return sum;
    };
    auto const r = formula_of(c);
    double expected = 0;
    auto const along = [&](auto const& v, double phase) {
        for (std::size_t i = 0; i < v.size(); ++i) {
            expected += v[i] * std::sin(static_cast<double>(i) + phase);
        }
    };
    along(r.dx, 0);
    along(r.dgamma, 1);
    along(r.dbeta, 2);
    return std::abs((loss(step) - loss(-step)) / (2 * step) - expected) / std::abs(expected);
}

/// The largest |a - b|, relative where b is above 1.
template <class T>
auto distance(std::vector<T> const& found, std::vector<double> const& expected) -> double
{
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        auto const far = std::abs(static_cast<double>(found[i]) - expected[i]);
        worst = std::max(worst, far / std::max(1.0, std::abs(expected[i])));
    }
    return worst;
}

/// Tolerances: statistics and sums of parameters are fp32 whatever T is, some tens of roundings of
/// 2^-24 (and a sum of n terms near 1 in pieces); y and dx are rounded to T besides, and dx is
/// multiplied by 1 / deviation, here about 1, of numbers up to a few.
template <class T>
void check_group_norm(group_norm_case const& c, group_norm_results const& expected,
                      std::vector<float> const& stats, std::vector<T> const& y,
                      std::vector<T> const& dx, std::vector<float> const& dgamma,
                      std::vector<float> const& dbeta)
{
    double const rounding = std::is_same_v<T, float> ? 0 : 0x1p-8;
    double const sums = 1e-6 * std::sqrt(static_cast<double>(c.samples * c.pixels));
    CHECK(distance(stats, expected.stats) < 2e-6);
    CHECK(distance(y, expected.y) < 5e-6 + rounding);
    CHECK(distance(dx, expected.dx) < 5e-6 + rounding);
    CHECK(distance(dgamma, expected.dgamma) < 5e-6 + sums);
    CHECK(distance(dbeta, expected.dbeta) < 5e-6 + sums);
}
