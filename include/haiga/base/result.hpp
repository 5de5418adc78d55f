#pragma once

#include "haiga/base/failure.hpp"

#include <tl/expected.hpp>

#include <concepts>
#include <utility>

namespace haiga {

/// A value, or why there is none. Always tl::expected, whatever the language standard, so that
/// objects compiled as C++20 and as C++23 link into one program.
template <class T = void>
using result = tl::expected<T, failure>;

/// fail(errc::truncated, "safetensors: need 8 bytes, have ", n) converts to any result.
template <class... Parts>
auto fail(errc code, Parts const&... parts) -> tl::unexpected<failure>
{
    return tl::unexpected(failure{code, concat(parts...), {}});
}

/// The same result with a value of a wider type, such as a variant of T.
///
/// Do not leave this to tl::expected: the converting constructor of its version 1.0 first makes a
/// To of its own and never destroys it, so that whatever such a To owns leaks.
template <class To, class T>
requires std::constructible_from<To, T>
auto widened(result<T>&& narrow) -> result<To>
{
    if (!narrow) {
        return tl::unexpected(std::move(narrow).error());
    }
    return result<To>(tl::in_place, *std::move(narrow));
}

} // namespace haiga
