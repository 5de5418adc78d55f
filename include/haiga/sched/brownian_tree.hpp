#pragma once

#include "haiga/base/check.hpp"
#include "haiga/base/torch_generator.hpp"
#include "haiga/sched/seed_sequence.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace haiga::sched {

/// Brownian motion over sigma, one a number of the sample: noise that belongs together whatever the
/// steps, as DPM++ SDE wants it. The same numbers as torchsde's BrownianInterval with halfway_tree,
/// tol 1e-6 and pool_size 24, which Diffusers draws from.
///
/// Source: Li et al. 2020, arXiv:2001.01328, section 4 (a virtual Brownian tree); Levy's bridge.
/// Cost:   some fifty drawings of normal numbers an increment; memory of that many samples.
class brownian_tree {
public:
    /// Over [low, high], low < high, for samples of `elements` numbers.
    brownian_tree(std::uint64_t seed, float low, float high, std::size_t elements)
        : seed_(seed), low_(rounded(low)), high_(rounded(high)), elements_(elements)
    {
        HAIGA_CHECK(low < high, "Brownian motion from ", low, " to ", high);
        whole_.resize(elements);
        draw(seed_sequence<24>(seed).generate<3>()[0], whole_);
        auto const root = static_cast<float>(std::sqrt(double{high} - double{low}));
        std::transform(whole_.begin(), whole_.end(), whole_.begin(),
                       [&](float x) { return x * root; });
    }

    /// Standard normal noise for a step between two sigmas: the increment over its root.
    /// Errors: sigmas that are one, and noise of another size, are a caller's bug. Beyond the ends
    ///         there is no motion.
    void noise(float from, float to, std::span<float> out)
    {
        HAIGA_CHECK(out.size() == elements_ && from != to);
        std::fill(out.begin(), out.end(), 0.0F);
        double const a = std::clamp(double{std::min(from, to)}, low_, high_);
        double const b = std::clamp(double{std::max(from, to)}, low_, high_);
        first_ = true;
        add({low_, high_, 0, 0}, whole_, rounded(a), rounded(b), out);
        float const root = std::sqrt(std::abs(to - from));
        float const sign = from < to ? 1.0F : -1.0F;
        std::transform(out.begin(), out.end(), out.begin(),
                       [&](float x) { return x * sign / root; });
    }

private:
    struct interval {
        double start, end;
        std::uint64_t place; ///< counted from the left among those of its depth
        std::uint32_t depth;
    };

    /// To six decimals, by the decimal that is nearest: sums and products would round twice.
    static auto rounded(double x) -> double
    {
        std::array<char, 64> text{};
        auto const end =
            std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::fixed, 6);
        double result = x;
        std::from_chars(text.data(), end.ptr, result);
        return result;
    }

    static void draw(std::uint32_t seed, std::span<float> out)
    {
        torch_generator(seed).fill_normal(out);
    }

    /// Adds the increment over [a, b], within the interval, whose own is `increment`.
    void add(interval const& of, std::span<float const> increment, double a, double b,
             std::span<float> out)
    {
        if (a >= b) {
            return;
        }
        if (a == of.start && b == of.end) {
            for (std::size_t i = 0; i < elements_; ++i) {
                out[i] = first_ ? increment[i] : out[i] + increment[i];
            }
            first_ = false;
            return;
        }
        HAIGA_CHECK(of.depth < 63, "an interval that cannot be halved");
        double const middle = rounded(0.5 * (of.end + of.start));
        while (levels_.size() <= of.depth) {
            levels_.emplace_back(2 * elements_);
        }
        auto const left = std::span(levels_[of.depth]).first(elements_);
        auto const right = std::span(levels_[of.depth]).last(elements_);
        bridge(of, middle, increment, left, right);
        add({of.start, middle, 2 * of.place, of.depth + 1}, left, a, std::min(b, middle), out);
        add({middle, of.end, 2 * of.place + 1, of.depth + 1}, right, std::max(a, middle), b, out);
    }

    /// The increments of both halves, given their sum. float32 in torchsde's order.
    void bridge(interval const& of, double middle, std::span<float const> whole,
                std::span<float> left, std::span<float> right) const
    {
        double const reciprocal = 1 / (of.end - of.start);
        double const to_middle = middle - of.start;
        auto const spread =
            static_cast<float>(std::sqrt(to_middle * (of.end - middle) * reciprocal));
        auto const low = static_cast<std::uint32_t>(of.place);
        auto const high = static_cast<std::uint32_t>(of.place >> 32U);
        std::array<std::uint32_t, 3> const deep{low, high, of.depth};
        std::array<std::uint32_t, 2> const place{low, of.depth}; // numpy drops words that are 0
        auto const key = high != 0 ? std::span<std::uint32_t const>(deep) : std::span(place);
        draw(seed_sequence<24>(seed_, key).generate<4>()[0], left);
        for (std::size_t i = 0; i < elements_; ++i) {
            float const mean =
                static_cast<float>(to_middle) * whole[i] * static_cast<float>(reciprocal);
            left[i] = mean + spread * left[i];
            right[i] = whole[i] - left[i];
        }
    }

    std::uint64_t seed_;
    double low_, high_;
    std::size_t elements_;
    bool first_ = true;
    std::vector<float> whole_;
    std::vector<std::vector<float>> levels_; ///< both halves at each depth
};

} // namespace haiga::sched
