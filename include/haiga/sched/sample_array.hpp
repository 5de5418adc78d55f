#pragma once

#include "haiga/base/check.hpp"

#include <concepts>
#include <iterator>
#include <ranges>
#include <span>
#include <type_traits>

namespace haiga::sched {

/// The elements of an array, in its own order: what flat() gives where there is one (our tensors),
/// the array itself elsewhere.
template <class Array>
constexpr auto elements_of(Array& array) -> decltype(auto)
{
    if constexpr (requires { array.flat(); }) {
        return array.flat();
    } else if constexpr (std::ranges::contiguous_range<Array> && std::ranges::sized_range<Array>) {
        return std::span(array); // plain pointers are what compilers vectorise
    } else {
        return (array);
    }
}

/// Anything that schedulers step: numbers of one floating point type that can be walked over.
///
/// Models: haiga's tensors and views, std::span and std::vector, xtensor containers, adaptors and
/// views, Eigen vectors (matrices by .reshaped()). Arrays in one call are walked in step, each in
/// its own order: they must have the same size and layout. Arrays that cannot be walked from here,
/// such as a device's, join in with an overload of apply(update, ...) in their own namespace.
template <class Array>
concept sample_array = requires(std::remove_reference_t<Array>& array)
{
    requires std::ranges::random_access_range<decltype(elements_of(array))>;
    requires std::ranges::sized_range<decltype(elements_of(array))>;
    requires std::floating_point<std::ranges::range_value_t<decltype(elements_of(array))>>;
};

/// out = a * x + b * y, element by element. out may be x or y.
template <sample_array Out, sample_array X, sample_array Y>
void combine(Out&& out, float a, X const& x, float b, Y const& y)
{
    auto&& to = elements_of(out);
    auto&& left = elements_of(x);
    auto&& right = elements_of(y);
    auto const n = std::ranges::ssize(to);
    HAIGA_CHECK(std::ranges::ssize(left) == n && std::ranges::ssize(right) == n, "sizes differ");
    auto const o = std::ranges::begin(to);
    auto const l = std::ranges::begin(left);
    auto const r = std::ranges::begin(right);
    using value = std::iter_value_t<decltype(o)>;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
        o[i] = static_cast<value>(a * l[i] + b * r[i]);
    }
}

} // namespace haiga::sched
