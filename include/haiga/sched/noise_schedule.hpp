#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

namespace haiga::sched {

/// How much of the clean picture is left at step t of a fixed forward process.
///
/// Shapes: scalars; t in [0, steps()).   Units: variance fraction in [0, 1), 0 at most at the end.
/// Law:    alpha_bar strictly decreases in t (tested, not checked by the compiler).
/// Errors: none; t out of range is a caller bug.
/// Source: Ho et al. 2020, arXiv:2006.11239, eq. 4.
template <class S>
concept noise_schedule = std::copyable<S> && requires(S const& s, int t)
{
    {
        s.steps()
        } -> std::same_as<int>;
    {
        s.alpha_bar(t)
        } -> std::same_as<double>;
};

/// A schedule as a table, in float32 as diffusers computes it: pictures of a known seed depend on
/// it.
class alpha_bar_table {
public:
    /// alpha_bar(t) is the product of 1 - betas[i] over i <= t.
    explicit alpha_bar_table(std::span<float const> betas)
    {
        HAIGA_CHECK(!betas.empty());
        values_.reserve(betas.size());
        double product = 1; // torch.cumprod keeps the product in double and stores each as float
        for (float const beta : betas) {
            HAIGA_CHECK(beta >= 0 && beta <= 1, "beta ", beta);
            product *= 1.0F - beta;
            values_.push_back(static_cast<float>(product));
        }
    }

    [[nodiscard]] auto steps() const -> int { return static_cast<int>(values_.size()); }
    [[nodiscard]] auto alpha_bar(int t) const -> double
    {
        HAIGA_CHECK(t >= 0 && t < steps(), "step ", t, " of ", steps());
        return values_[static_cast<std::size_t>(t)];
    }

    friend auto operator==(alpha_bar_table const&, alpha_bar_table const&) -> bool = default;

private:
    std::vector<float> values_;
};

static_assert(noise_schedule<alpha_bar_table>);

/// count floats evenly from first to last, rounded once each, from the nearer end: torch.linspace.
inline auto even_floats(float first, float last, int count) -> std::vector<float>
{
    HAIGA_CHECK(count > 0);
    std::vector<float> out(static_cast<std::size_t>(count), first);
    float const step = count > 1 ? (last - first) / static_cast<float>(count - 1) : 0;
    for (int i = 1; i < count; ++i) {
        out[static_cast<std::size_t>(i)] =
            i < count / 2 ? std::fma(step, static_cast<float>(i), first)
                          : std::fma(-step, static_cast<float>(count - 1 - i), last);
    }
    return out;
}

/// betas linear in t. Source: Ho et al. 2020, section 4.
class linear : public alpha_bar_table {
public:
    explicit linear(int steps = 1000, double first_beta = 1e-4, double last_beta = 0.02)
        : alpha_bar_table(
              even_floats(static_cast<float>(first_beta), static_cast<float>(last_beta), steps))
    {
    }
};

/// betas linear in their square root. Source: Rombach et al. 2022, arXiv:2112.10752, published
/// code.
class scaled_linear : public alpha_bar_table {
public:
    explicit scaled_linear(int steps = 1000, double first_beta = 0.00085, double last_beta = 0.012)
        : alpha_bar_table(betas(steps, first_beta, last_beta))
    {
    }

private:
    static auto betas(int steps, double first, double last) -> std::vector<float>
    {
        auto values = even_floats(static_cast<float>(std::sqrt(first)),
                                  static_cast<float>(std::sqrt(last)), steps);
        std::transform(values.begin(), values.end(), values.begin(), [](float x) { return x * x; });
        return values;
    }
};

/// alpha_bar a squared cosine, betas at most 0.999.
/// Source: Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 17.
class squaredcos_cap_v2 : public alpha_bar_table {
public:
    explicit squaredcos_cap_v2(int steps = 1000) : alpha_bar_table(betas(steps)) {}

private:
    static auto betas(int steps) -> std::vector<float>
    {
        HAIGA_CHECK(steps > 0);
        auto const target = [&](int i) {
            double const t = i / static_cast<double>(steps);
            return std::pow(std::cos((t + 0.008) / 1.008 * std::numbers::pi / 2), 2);
        };
        std::vector<float> values;
        for (int i = 0; i < steps; ++i) {
            values.push_back(static_cast<float>(std::min(1 - target(i + 1) / target(i), 0.999)));
        }
        return values;
    }
};

static_assert(noise_schedule<linear> && noise_schedule<scaled_linear> &&
              noise_schedule<squaredcos_cap_v2>);

namespace detail {

/// What zero_terminal_snr makes of a schedule. It need not fall: roots may be equal in float32, and
/// squares of small ones zero.
inline auto rescaled_alpha_bars(noise_schedule auto const& schedule) -> std::vector<float>
{
    auto const root = [&](int t) { return std::sqrt(static_cast<float>(schedule.alpha_bar(t))); };
    float const first = root(0);
    float const last = root(schedule.steps() - 1);
    float const scale = first / (first - last);
    std::vector<float> values;
    for (int t = 0; t < schedule.steps(); ++t) {
        float const rescaled = (root(t) - last) * scale;
        values.push_back(rescaled * rescaled);
    }
    return values;
}

} // namespace detail

/// The same schedule, shifted and scaled so that nothing of the picture is left at the last step.
/// Errors: one that then falls no more is a caller's bug; make_schedule tells it.
/// Source: Lin et al. 2023, arXiv:2305.08891, algorithm 1; float32 through betas, as diffusers.
inline auto zero_terminal_snr(noise_schedule auto const& schedule) -> alpha_bar_table
{
    std::vector<float> betas;
    float before = 1;
    for (float const alpha_bar : detail::rescaled_alpha_bars(schedule)) {
        HAIGA_CHECK(alpha_bar < before, "nothing to rescale");
        betas.push_back(1 - alpha_bar / before);
        before = alpha_bar;
    }
    return alpha_bar_table(betas);
}

} // namespace haiga::sched
