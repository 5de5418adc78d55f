#pragma once

#include "haiga/sched/apply.hpp"
#include "haiga/sched/prediction.hpp"
#include "haiga/sched/update.hpp"

#include <concepts>

namespace haiga::sched {

/// How a sampler goes from noise to a picture in steps() steps.
///
/// A value that is made for one number of steps and never changes. Before step i the model sees
/// input_scale(i) * sample and timestep(i); then step(scheduler, i, ...) moves the sample on.
/// A step is one evaluation of the model: methods of two stages have two of them.
/// Law: time steps never ascend, but after the middle of a DPM2 ancestral step; from a model that
/// knows x_0, the steps lead to x_0. Errors: none; i outside [0, steps()) is a caller bug.
template <class S>
concept scheduler = std::copyable<S> && requires(S const& s, int i)
{
    {
        s.steps()
        } -> std::same_as<int>;
    {
        s.timestep(i)
        } -> std::same_as<float>; ///< what the model is told; may be a fraction
    {
        s.input_scale(i)
        } -> std::same_as<float>;
    {
        s.initial_sigma()
        } -> std::same_as<float>; ///< of the normal noise to start from
    {
        s.mixture_before(i)
        } -> std::same_as<mixture>; ///< of a sample that joins in at step i
    {
        s.kept()
        } -> std::same_as<int>; ///< arrays that steps leave for later ones, at most most_kept
    {
        s.at(i)
        } -> std::same_as<update>;
};

/// Step i: see apply(). rest: output, clean, then a history where kept() > 0, then noise where
/// at(i).takes_noise(), then images.
template <scheduler S, sample_array Sample, class... Rest>
void step(S const& s, int i, Sample&& sample, Rest&&... rest)
{
    apply(s.at(i), sample, rest...);
}

/// input = input_scale(i) * sample: what the model sees before step i.
template <scheduler S, sample_array Sample, sample_array Input>
void scale_input(S const& s, int i, Sample const& sample, Input&& input)
{
    combine(input, s.input_scale(i), sample, 0.0F, sample);
}

namespace detail {

template <class S>
void begin(S& s, int i)
{
    HAIGA_CHECK(i >= 0 && i < s.steps(), "step ", i, " of ", s.steps());
    if constexpr (requires { s.begin_at(i); }) {
        s.begin_at(i);
    }
}

} // namespace detail

/// The same scheduler for a run that begins at step i: it looks back at no step before. A scheduler
/// that looks back has begin_at(i).
/// Errors: to begin with the second stage of a step (odd i of Heun, DPM2, DPM++ SDE) is a caller's
///         bug.
template <scheduler S>
auto starting_at(S s, int i) -> S
{
    detail::begin(s, i);
    return s;
}

} // namespace haiga::sched
