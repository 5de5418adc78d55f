#pragma once

#include "haiga/sched/sample_array.hpp"

#include <cmath>
#include <cstdint>

namespace haiga::sched {

/// What a model's output stands for.
/// Source: epsilon, sample: Ho et al. 2020, section 3.2; v: Salimans and Ho 2022, arXiv:2202.00512;
/// flow, epsilon - x_0: Lipman et al. 2023, arXiv:2210.02747, with Esser et al. 2024,
/// arXiv:2403.03206, eq. 2 and 9.
enum class prediction : std::uint8_t { epsilon, sample, v, flow };

/// x_t = signal * x_0 + noise * epsilon.
struct mixture {
    float signal = 1;
    float noise = 0;
};

/// The mixture at variance fraction alpha_bar.
inline auto mixture_at(double alpha_bar) -> mixture
{
    auto const a = static_cast<float>(alpha_bar);
    return {std::sqrt(a), std::sqrt(1 - a)};
}

/// A linear combination of the noisy sample and the model's output; in double, as `terms` are.
struct from_output {
    double sample = 0;
    double output = 0;
};

/// x_0, told by a model that saw x_t. Epsilon tells nothing where no signal is left: infinite
/// there.
constexpr auto clean_from(prediction kind, mixture m) -> from_output
{
    double const signal = m.signal;
    double const noise = m.noise;
    switch (kind) {
    case prediction::epsilon: return {1 / signal, -noise / signal};
    case prediction::sample: return {0, 1};
    case prediction::v: return {signal, -noise};
    case prediction::flow: return {1 / (signal + noise), -noise / (signal + noise)};
    }
    return {};
}

/// epsilon, told by a model that saw x_t.
constexpr auto noise_from(prediction kind, mixture m) -> from_output
{
    double const signal = m.signal;
    double const noise = m.noise;
    switch (kind) {
    case prediction::epsilon: return {0, 1};
    case prediction::sample: return {1 / noise, -signal / noise};
    case prediction::v: return {noise, signal};
    case prediction::flow: return {1 / (signal + noise), signal / (signal + noise)};
    }
    return {};
}

/// noisy = signal * clean + noise * epsilon. Shapes: equal; noisy may be either input.
template <sample_array Noisy, sample_array Clean, sample_array Noise>
void add_noise(mixture m, Clean const& clean, Noise const& epsilon, Noisy&& noisy)
{
    combine(noisy, m.signal, clean, m.noise, epsilon);
}

/// v = signal * epsilon - noise * clean.
template <sample_array Velocity, sample_array Clean, sample_array Noise>
void velocity(mixture m, Clean const& clean, Noise const& epsilon, Velocity&& v)
{
    combine(v, -m.noise, clean, m.signal, epsilon);
}

/// What a model of this kind should have told: the target of its training.
template <sample_array Target, sample_array Clean, sample_array Noise>
void training_target(prediction kind, mixture m, Clean const& clean, Noise const& epsilon,
                     Target&& target)
{
    switch (kind) {
    case prediction::epsilon: return combine(target, 0.0F, clean, 1.0F, epsilon);
    case prediction::sample: return combine(target, 1.0F, clean, 0.0F, epsilon);
    case prediction::v: return velocity(m, clean, epsilon, target);
    case prediction::flow: return combine(target, -1.0F, clean, 1.0F, epsilon);
    }
}

} // namespace haiga::sched
