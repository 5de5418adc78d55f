#pragma once

#include "haiga/sched/preserving_steps.hpp"
#include "haiga/sched/update.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace haiga::sched {

/// Which equation DPM-Solver solves: by x_0 (data) or epsilon (noise), without or with new noise.
/// Diffusers' names: dpmsolver++, dpmsolver, sde-dpmsolver++, sde-dpmsolver.
/// Source: noise Lu et al. 2022, arXiv:2206.00927; data and both with noise Lu et al. 2022,
/// arXiv:2211.01095, section 4 and appendix A.
enum class dpm_equation : std::uint8_t { data, noise, data_sde, noise_sde };

/// How the slope of the model's outputs enters at order 2.
enum class dpm_solver_type : std::uint8_t { midpoint, heun };

namespace detail {

constexpr auto by_data(dpm_equation e) -> bool
{
    return e == dpm_equation::data || e == dpm_equation::data_sde;
}
constexpr auto has_noise(dpm_equation e) -> bool
{
    return e == dpm_equation::data_sde || e == dpm_equation::noise_sde;
}

/// x(end) = sample * x(begin) + zeroth D0 + first D1 + second D2 + noise z: the factors, where D0,
/// D1, D2 are the outputs' Taylor coefficients in lambda at the beginning. midpoint is the factor
/// of D1 that the midpoint rule has in place of first.
struct dpm_factors {
    float sample, zeroth, midpoint, first, second, noise;
};

inline auto dpm_factors_of(dpm_equation equation, path_point const& s, path_point const& t)
    -> dpm_factors
{
    float const h = t.lambda - s.lambda;
    switch (equation) {
    case dpm_equation::data: {
        float const e = t.alpha * (std::exp(-h) - 1);
        return {t.sigma / s.sigma,
                -e,
                -0.5F * e,
                t.alpha * ((std::exp(-h) - 1) / h + 1),
                -t.alpha * ((std::exp(-h) - 1 + h) / (h * h) - 0.5F),
                0};
    }
    case dpm_equation::noise: {
        float const e = t.sigma * (std::exp(h) - 1);
        return {t.alpha / s.alpha,
                -e,
                -0.5F * e,
                -t.sigma * ((std::exp(h) - 1) / h - 1),
                -t.sigma * ((std::exp(h) - 1 - h) / (h * h) - 0.5F),
                0};
    }
    case dpm_equation::data_sde: {
        float const gone = 1 - std::exp(-2 * h);
        return {t.sigma / s.sigma * std::exp(-h),
                t.alpha * gone,
                0.5F * (t.alpha * gone),
                t.alpha * (gone / (-2 * h) + 1),
                t.alpha * ((gone - 2 * h) / ((2 * h) * (2 * h)) - 0.5F),
                t.sigma * std::sqrt(gone)};
    }
    case dpm_equation::noise_sde: {
        float const e = t.sigma * (std::exp(h) - 1);
        return {t.alpha / s.alpha,
                -2 * e,
                -e,
                -2 * (t.sigma * ((std::exp(h) - 1) / h - 1)),
                0,
                t.sigma * std::sqrt(std::exp(2 * h) - 1)};
    }
    }
    return {};
}

/// The multistep step to `to` from points[0], with the outputs told there and at points[1], ...
/// before it: one point for order 1, up to three. next: the coefficients.
/// Source: Lu et al. 2022, arXiv:2211.01095, algorithm 2; order 3 from Diffusers.
inline auto dpm_multistep_terms(dpm_equation equation, dpm_solver_type type,
                                std::span<path_point const> points, std::span<terms const> told,
                                path_point const& to) -> terms
{
    auto const f = dpm_factors_of(equation, points[0], to);
    float const h = to.lambda - points[0].lambda;
    terms next{.sample = f.sample, .noise = f.noise};
    next.add(f.zeroth, told[0]);
    if (points.size() == 1) {
        return next;
    }
    float const r0 = (points[0].lambda - points[1].lambda) / h;
    terms slope;
    slope.add(1 / r0, told[0]);
    slope.add(-1 / r0, told[1]);
    if (points.size() == 2) {
        next.add(type == dpm_solver_type::midpoint ? f.midpoint : f.first, slope);
        return next;
    }
    float const r1 = (points[1].lambda - points[2].lambda) / h;
    terms bend = slope;
    bend.add(-1 / r1, told[1]);
    bend.add(1 / r1, told[2]);
    slope.add(r0 / (r0 + r1), bend);
    next.add(f.first, slope);
    next.add(f.second / (r0 + r1), bend);
    return next;
}

/// Step i of this order, by the output told at it and those of the steps before, of which `kept`
/// are kept in turn. point(k): where step k begins.
template <class Point>
void dpm_multistep_step(update& u, dpm_equation equation, dpm_solver_type type, int order, int i,
                        int kept, terms const& output, Point const& point)
{
    auto const count = static_cast<std::size_t>(order);
    std::array<path_point, 3> points{point(i)};
    std::array<terms, 3> told{output};
    for (std::size_t k = 1; k < count; ++k) {
        int const before = i - static_cast<int>(k);
        points[k] = point(before);
        told[k] = past_term(before % kept);
    }
    u.next = dpm_multistep_terms(equation, type, std::span(points).first(count),
                                 std::span(told).first(count), point(i + 1));
    u.draws = has_noise(equation);
    if (kept > 0) {
        u.keep[0] = {i % kept, output};
    }
}

} // namespace detail

} // namespace haiga::sched
