#pragma once

#include "haiga/sched/history.hpp"
#include "haiga/sched/limit.hpp"
#include "haiga/sched/sample_array.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>

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

    [[nodiscard]] constexpr auto takes_noise() const -> bool
    {
        return clean.noise != 0 || next.noise != 0 ||
               std::any_of(keep.begin(), keep.end(),
                           [](kept const& k) { return k.slot >= 0 && k.value.noise != 0; });
    }
    [[nodiscard]] constexpr auto takes_past() const -> bool
    {
        return next.takes_past() ||
               std::any_of(keep.begin(), keep.end(), [](kept const& k) { return k.slot >= 0; });
    }
};

/// Stands where a step draws none.
struct no_noise {
    auto operator[](std::ptrdiff_t) const -> float { return 0; }
};

namespace detail {

template <class Sample, class Output, class Clean, class Noise>
void apply_update(update const& u, Sample s, Output o, Clean c, Noise z, std::ptrdiff_t n,
                  int images)
{
    using value = std::iter_value_t<Sample>;
    auto const predict = [&](std::ptrdiff_t i) {
        return static_cast<value>(u.clean.sample * s[i] + u.clean.output * o[i] +
                                  u.clean.noise * z[i]);
    };
    auto const advance = [&](std::ptrdiff_t i) {
        s[i] = static_cast<value>(u.next.clean * c[i] + u.next.sample * s[i] +
                                  u.next.output * o[i] + u.next.noise * z[i]);
    };
    if (u.bound.threshold) {
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            c[i] = predict(i);
        }
        auto const each = n / images;
        for (int image = 0; image < images; ++image) {
            threshold(*u.bound.threshold, c + image * each, each);
        }
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            advance(i);
        }
        return;
    }
    auto const most = static_cast<value>(u.bound.clip.value_or(std::numeric_limits<float>::max()));
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        c[i] = std::clamp(predict(i), -most, most);
        advance(i);
    }
}

/// The clean picture of all elements, held to its limit.
template <class Sample, class Output, class Clean, class Noise>
void predict_clean(update const& u, Sample s, Output o, Clean c, Noise z, std::ptrdiff_t n,
                   int images)
{
    using value = std::iter_value_t<Clean>;
    auto const most = static_cast<value>(u.bound.clip.value_or(std::numeric_limits<float>::max()));
    bool const clips = u.bound.clip && !u.bound.threshold;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        auto const x = static_cast<value>(u.clean.sample * s[i] + u.clean.output * o[i] +
                                          u.clean.noise * z[i]);
        c[i] = clips ? std::clamp(x, -most, most) : x;
    }
    if (u.bound.threshold) {
        auto const each = n / images;
        for (int image = 0; image < images; ++image) {
            threshold(*u.bound.threshold, c + image * each, each);
        }
    }
}

/// out[i] = t at element first + i, for i < count. Arrays whose factor is 0 are not read: what was
/// never kept may be anything.
template <class T, class Sample, class Output, class Clean, class Noise>
void combine_terms(terms const& t, Sample s, Output o, Clean c, history<T> const& past, Noise z,
                   std::ptrdiff_t first, std::ptrdiff_t count, T* out)
{
    std::fill(out, out + count, T{0});
    auto const add = [&](float factor, auto const& from, std::ptrdiff_t begin) {
        if (factor != 0) {
            for (std::ptrdiff_t i = 0; i < count; ++i) {
                out[i] += static_cast<T>(factor * from[begin + i]);
            }
        }
    };
    add(t.sample, s, first);
    add(t.clean, c, first);
    add(t.output, o, first);
    for (int k = 0; k < past.slots(); ++k) {
        add(t.past[static_cast<std::size_t>(k)], past.slot(k), first);
    }
    add(t.noise, z, first);
}

template <class Sample, class Output, class Clean, class T, class Noise>
void apply_with_past(update const& u, Sample&& sample, Output const& output, Clean&& clean,
                     history<T>& past, Noise z, int images)
{
    auto&& s = elements_of(sample);
    auto&& o = elements_of(output);
    auto&& c = elements_of(clean);
    auto const n = std::ranges::ssize(s);
    HAIGA_CHECK(std::ranges::ssize(o) == n && std::ranges::ssize(c) == n, "sizes differ");
    HAIGA_CHECK(images > 0 && n % images == 0, n, " elements in ", images, " images");
    HAIGA_CHECK(past.slots() == 0 || past.elements() == n, "a history of ", past.elements(),
                " elements for ", n);
    auto const si = std::ranges::begin(s);
    auto const oi = std::ranges::begin(o);
    auto const ci = std::ranges::begin(c);
    predict_clean(u, si, oi, ci, z, n, images);
    constexpr std::ptrdiff_t block = 64; // what is written must be read whole before
    std::array<std::array<T, block>, 4> made;
    for (std::ptrdiff_t first = 0; first < n; first += block) {
        auto const count = std::min(block, n - first);
        combine_terms(u.next, si, oi, ci, past, z, first, count, made[3].data());
        for (std::size_t k = 0; k < u.keep.size(); ++k) {
            if (u.keep[k].slot >= 0) {
                combine_terms(u.keep[k].value, si, oi, ci, past, z, first, count, made[k].data());
            }
        }
        for (std::size_t k = 0; k < u.keep.size(); ++k) {
            if (u.keep[k].slot >= 0) {
                std::copy_n(made[k].data(), count, past.slot(u.keep[k].slot) + first);
            }
        }
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            si[first + i] =
                static_cast<std::iter_value_t<decltype(si)>>(made[3][static_cast<std::size_t>(i)]);
        }
    }
}

} // namespace detail

/// Does the step: sample becomes the next sample, clean the model's idea of x_0 (good for
/// previews).
///
/// Shapes: all arrays equal; images of equal size one after another (they matter to thresholds
/// only). Errors: a caller's bug where sizes differ or the update needs noise. Cost: one pass, no
/// memory.
template <sample_array Sample, sample_array Output, sample_array Clean>
void apply(update const& u, Sample&& sample, Output const& output, Clean&& clean, int images = 1)
{
    HAIGA_CHECK(!u.takes_noise(), "this step draws noise");
    HAIGA_CHECK(!u.takes_past(), "this step needs a history");
    auto&& s = elements_of(sample);
    auto&& o = elements_of(output);
    auto&& c = elements_of(clean);
    auto const n = std::ranges::ssize(s);
    HAIGA_CHECK(std::ranges::ssize(o) == n && std::ranges::ssize(c) == n, "sizes differ");
    HAIGA_CHECK(images > 0 && n % images == 0, n, " elements in ", images, " images");
    detail::apply_update(u, std::ranges::begin(s), std::ranges::begin(o), std::ranges::begin(c),
                         no_noise{}, n, images);
}

/// The same with noise, standard normal; a step that takes none does not look at it.
template <sample_array Sample, sample_array Output, sample_array Clean, sample_array Noise>
void apply(update const& u, Sample&& sample, Output const& output, Clean&& clean,
           Noise const& noise, int images = 1)
{
    if (!u.takes_noise()) {
        return apply(u, sample, output, clean, images);
    }
    HAIGA_CHECK(!u.takes_past(), "this step needs a history");
    auto&& s = elements_of(sample);
    auto&& o = elements_of(output);
    auto&& c = elements_of(clean);
    auto&& z = elements_of(noise);
    auto const n = std::ranges::ssize(s);
    HAIGA_CHECK(std::ranges::ssize(o) == n && std::ranges::ssize(c) == n &&
                    std::ranges::ssize(z) == n,
                "sizes differ");
    HAIGA_CHECK(images > 0 && n % images == 0, n, " elements in ", images, " images");
    detail::apply_update(u, std::ranges::begin(s), std::ranges::begin(o), std::ranges::begin(c),
                         std::ranges::begin(z), n, images);
}

/// The same for any step: it reads what earlier ones kept, and keeps what later ones will read.
/// Errors: a caller's bug where the history is of another size, or too small for the scheduler.
template <sample_array Sample, sample_array Output, sample_array Clean, std::floating_point T>
void apply(update const& u, Sample&& sample, Output const& output, Clean&& clean, history<T>& past,
           int images = 1)
{
    HAIGA_CHECK(!u.takes_noise(), "this step draws noise");
    detail::apply_with_past(u, sample, output, clean, past, no_noise{}, images);
}

template <sample_array Sample, sample_array Output, sample_array Clean, std::floating_point T,
          sample_array Noise>
void apply(update const& u, Sample&& sample, Output const& output, Clean&& clean, history<T>& past,
           Noise const& noise, int images = 1)
{
    if (!u.takes_noise()) {
        return apply(u, sample, output, clean, past, images);
    }
    auto&& z = elements_of(noise);
    HAIGA_CHECK(std::ranges::ssize(z) == std::ranges::ssize(elements_of(sample)), "sizes differ");
    detail::apply_with_past(u, sample, output, clean, past, std::ranges::begin(z), images);
}

} // namespace haiga::sched
