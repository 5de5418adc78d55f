#pragma once

#include "haiga/sched/limit.hpp"
#include "haiga/sched/sample_array.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace haiga::sched {

/// One step of a sampler, as numbers: every scheduler here is linear but for the limit on x_0, so
/// this is all that an implementation on some other device has to know.
///
///     clean  = clean.sample * sample + clean.output * output + clean.noise * noise
///     clean  = limited(clean)
///     sample = next.clean * clean + next.sample * sample + next.output * output + next.noise *
///     noise
struct update {
    struct {
        float sample = 0;
        float output = 0;
        float noise = 0;
    } clean;
    limit bound{};
    struct {
        float clean = 0;
        float sample = 0;
        float output = 0;
        float noise = 0;
    } next;

    [[nodiscard]] constexpr auto takes_noise() const -> bool
    {
        return clean.noise != 0 || next.noise != 0;
    }
};

namespace detail {

struct no_noise {
    auto operator[](std::ptrdiff_t) const -> float { return 0; }
};

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
    auto&& s = elements_of(sample);
    auto&& o = elements_of(output);
    auto&& c = elements_of(clean);
    auto const n = std::ranges::ssize(s);
    HAIGA_CHECK(std::ranges::ssize(o) == n && std::ranges::ssize(c) == n, "sizes differ");
    HAIGA_CHECK(images > 0 && n % images == 0, n, " elements in ", images, " images");
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

} // namespace haiga::sched
