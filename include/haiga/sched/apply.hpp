#pragma once

#include "haiga/sched/history.hpp"
#include "haiga/sched/limit.hpp"
#include "haiga/sched/sample_array.hpp"
#include "haiga/sched/update.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <limits>
#include <ranges>

namespace haiga::sched {

namespace detail {

/// Stands where a step draws none.
struct no_noise {
    auto operator[](std::ptrdiff_t) const -> float { return 0; }
};

/// The elements of each array of a step. Errors: sizes that differ are a caller's bug.
template <class Sample, class... Others>
auto common_size(int images, Sample const& sample, Others const&... others) -> std::ptrdiff_t
{
    auto const n = std::ranges::ssize(sample);
    HAIGA_CHECK(((std::ranges::ssize(others) == n) && ...), "sizes differ");
    HAIGA_CHECK(images > 0 && n % images == 0, n, " elements in ", images, " images");
    return n;
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

/// A step without a history: one pass, but for thresholds.
template <class Sample, class Output, class Clean, class Noise>
void apply_update(update const& u, Sample s, Output o, Clean c, Noise z, std::ptrdiff_t n,
                  int images)
{
    using value = std::iter_value_t<Sample>;
    auto const advance = [&](std::ptrdiff_t i) {
        s[i] = static_cast<value>(u.next.clean * c[i] + u.next.sample * s[i] +
                                  u.next.output * o[i] + u.next.noise * z[i]);
    };
    if (u.bound.threshold) {
        predict_clean(u, s, o, c, z, n, images);
        for (std::ptrdiff_t i = 0; i < n; ++i) {
            advance(i);
        }
        return;
    }
    auto const most = static_cast<value>(u.bound.clip.value_or(std::numeric_limits<float>::max()));
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        auto const x = static_cast<value>(u.clean.sample * s[i] + u.clean.output * o[i] +
                                          u.clean.noise * z[i]);
        c[i] = std::clamp(x, -most, most);
        advance(i);
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
void apply_with_past(update const& u, Sample s, Output o, Clean c, history<T>& past, Noise z,
                     std::ptrdiff_t n, int images)
{
    HAIGA_CHECK(past.slots() == 0 || past.elements() == n, "a history of ", past.elements(),
                " elements for ", n);
    predict_clean(u, s, o, c, z, n, images);
    constexpr std::ptrdiff_t block = 64; // what is written must be read whole before
    std::array<std::array<T, block>, 4> made;
    for (std::ptrdiff_t first = 0; first < n; first += block) {
        auto const count = std::min(block, n - first);
        combine_terms(u.next, s, o, c, past, z, first, count, made[3].data());
        for (std::size_t k = 0; k < u.keep.size(); ++k) {
            if (u.keep[k].slot >= 0) {
                combine_terms(u.keep[k].value, s, o, c, past, z, first, count, made[k].data());
            }
        }
        for (std::size_t k = 0; k < u.keep.size(); ++k) {
            if (u.keep[k].slot >= 0) {
                std::copy_n(made[k].data(), count, past.slot(u.keep[k].slot) + first);
            }
        }
        for (std::ptrdiff_t i = 0; i < count; ++i) {
            s[first + i] =
                static_cast<std::iter_value_t<Sample>>(made[3][static_cast<std::size_t>(i)]);
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
    auto const n = detail::common_size(images, s, o, c);
    detail::apply_update(u, std::ranges::begin(s), std::ranges::begin(o), std::ranges::begin(c),
                         detail::no_noise{}, n, images);
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
    auto const n = detail::common_size(images, s, o, c, z);
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
    auto&& s = elements_of(sample);
    auto&& o = elements_of(output);
    auto&& c = elements_of(clean);
    auto const n = detail::common_size(images, s, o, c);
    detail::apply_with_past(u, std::ranges::begin(s), std::ranges::begin(o), std::ranges::begin(c),
                            past, detail::no_noise{}, n, images);
}

template <sample_array Sample, sample_array Output, sample_array Clean, std::floating_point T,
          sample_array Noise>
void apply(update const& u, Sample&& sample, Output const& output, Clean&& clean, history<T>& past,
           Noise const& noise, int images = 1)
{
    if (!u.takes_noise()) {
        return apply(u, sample, output, clean, past, images);
    }
    auto&& s = elements_of(sample);
    auto&& o = elements_of(output);
    auto&& c = elements_of(clean);
    auto&& z = elements_of(noise);
    auto const n = detail::common_size(images, s, o, c, z);
    detail::apply_with_past(u, std::ranges::begin(s), std::ranges::begin(o), std::ranges::begin(c),
                            past, std::ranges::begin(z), n, images);
}

} // namespace haiga::sched
