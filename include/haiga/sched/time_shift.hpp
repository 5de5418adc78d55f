#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace haiga::sched {

/// How mu, which depends on the size of a picture, shifts the times of a flow: by e^mu or by mu.
enum class time_shift : std::uint8_t { exponential, linear };

/// The mu of a picture of some tokens: linear in them, `low` at `few` tokens, `high` at `many`.
/// Source: Flux's published inference code; the numbers are Diffusers' defaults.
struct mu_of_tokens {
    double low = 0.5;   ///< base_shift
    double high = 1.15; ///< max_shift
    int few = 256;      ///< base_image_seq_len
    int many = 4096;    ///< max_image_seq_len

    [[nodiscard]] constexpr auto operator()(int tokens) const -> double
    {
        return low + (tokens - few) * ((high - low) / (many - few));
    }
};

namespace detail {

/// Source: Esser et al. 2024, arXiv:2403.03206, eq. 23.
constexpr auto shifted(double sigma, double shift) -> double
{
    return shift * sigma / (1 + (shift - 1) * sigma);
}

inline auto shift_of(time_shift rule, double mu) -> double
{
    return rule == time_shift::exponential ? std::exp(mu) : mu;
}

/// Stretches descending times so that the last is `terminal`, where that is given and above 0.
inline void stretch(std::vector<double>& sigmas, std::optional<double> terminal)
{
    if (terminal && *terminal > 0) {
        double const scale = (1 - sigmas.back()) / (1 - *terminal);
        for (double& sigma : sigmas) {
            sigma = 1 - (1 - sigma) / scale;
        }
    }
}

} // namespace detail

} // namespace haiga::sched
