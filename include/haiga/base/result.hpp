#pragma once

#include "haiga/base/failure.hpp"

#include <tl/expected.hpp>

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

} // namespace haiga
