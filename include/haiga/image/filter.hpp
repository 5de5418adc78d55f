#pragma once

#include <cmath>
#include <concepts>
#include <numbers>

namespace haiga::image {

/// The kernel of a resampling: an even function of the distance in pixels of the coarser picture.
///
/// Law: zero from radius() on; sums of it over a grid of step 1 are near 1 (they are normalised).
template <class F>
concept resampling_filter = std::copyable<F> && requires(F const& filter, double distance)
{
    {
        filter.radius()
        } -> std::same_as<double>;
    {
        filter(distance)
        } -> std::same_as<double>;
};

/// Sharp; overshoots a little beside edges. Source: Duchon 1979, Lanczos filtering in one and two
/// dimensions; three lobes.
struct lanczos3 {
    [[nodiscard]] constexpr auto radius() const -> double { return 3; }

    [[nodiscard]] auto operator()(double x) const -> double
    {
        return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
    }

private:
    static auto sinc(double x) -> double
    {
        return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
    }
};

/// The mean of what a pixel covers; nearest neighbour when enlarging.
struct box {
    [[nodiscard]] constexpr auto radius() const -> double { return 0.5; }

    [[nodiscard]] constexpr auto operator()(double x) const -> double
    {
        return x > -0.5 && x <= 0.5 ? 1 : 0;
    }
};

static_assert(resampling_filter<lanczos3> && resampling_filter<box>);

} // namespace haiga::image
