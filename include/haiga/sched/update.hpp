#pragma once

#include "haiga/sched/history.hpp"
#include "haiga/sched/limit.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace haiga::sched {

/// A linear combination of the arrays that a step has at hand.
struct terms {
    float clean = 0;
    float sample = 0;
    float output = 0;
    float noise = 0;
    std::array<float, most_kept> past{};

    /// *this += factor * other.
    constexpr void add(float factor, terms const& other)
    {
        clean += factor * other.clean;
        sample += factor * other.sample;
        output += factor * other.output;
        noise += factor * other.noise;
        for (std::size_t i = 0; i < past.size(); ++i) {
            past[i] += factor * other.past[i];
        }
    }
    [[nodiscard]] constexpr auto takes_past() const -> bool
    {
        return std::any_of(past.begin(), past.end(), [](float x) { return x != 0; });
    }
};

/// The array that an earlier step kept in this slot.
constexpr auto past_term(int slot) -> terms
{
    terms t;
    t.past[static_cast<std::size_t>(slot)] = 1;
    return t;
}

/// One step of a sampler, as numbers: every scheduler here is linear but for the limit on x_0, so
/// this is all that an implementation on some other device has to know.
///
///     clean  = clean.sample * sample + clean.output * output + clean.noise * noise
///     clean  = limited(clean)
///     sample = next.clean * clean + next.sample * sample + next.output * output
///              + next.noise * noise + the sum of next.past[k] * past[k]
///     past[keep.slot] = the same sum with keep.value, from the values before the step
struct update {
    struct {
        float sample = 0;
        float output = 0;
        float noise = 0;
    } clean;
    limit bound{};
    terms next{};
    struct kept {
        int slot = -1; ///< none
        terms value{};
    };
    std::array<kept, 3> keep{};
    bool draws = false; ///< noise is drawn, be it only to leave a generator where Diffusers leaves
                        ///< it: the last step of many methods multiplies it by 0

    [[nodiscard]] constexpr auto takes_noise() const -> bool
    {
        return draws || clean.noise != 0 || next.noise != 0 ||
               std::any_of(keep.begin(), keep.end(),
                           [](kept const& k) { return k.slot >= 0 && k.value.noise != 0; });
    }
    [[nodiscard]] constexpr auto takes_past() const -> bool
    {
        return next.takes_past() ||
               std::any_of(keep.begin(), keep.end(), [](kept const& k) { return k.slot >= 0; });
    }
};

} // namespace haiga::sched
