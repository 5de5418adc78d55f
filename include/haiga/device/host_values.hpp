#pragma once

#include "haiga/device/cpu/elementwise.hpp"

#include <span>

namespace haiga::device {

/// Writes floats where a view lies in host memory, rounded to its type.
/// Errors: another number of elements is a caller's bug.
inline void write_values(any_view to, std::span<float const> from)
{
    HAIGA_CHECK(static_cast<std::size_t>(to.elements()) == from.size(), from.size(), " for ",
                to.shape());
    with_type(to.type(), [&]<class T>(T) {
        auto* const x = static_cast<T*>(to.data());
        for (std::size_t i = 0; i < from.size(); ++i) {
            store(x[i], static_cast<compute_t<T>>(from[i]));
        }
    });
}

/// Reads them back.
inline void read_values(any_view from, std::span<float> to)
{
    HAIGA_CHECK(static_cast<std::size_t>(from.elements()) == to.size(), from.shape(), " for ",
                to.size());
    with_type(from.type(), [&]<class T>(T) {
        auto const* const x = static_cast<T const*>(from.data());
        for (std::size_t i = 0; i < to.size(); ++i) {
            to[i] = static_cast<float>(load(x[i]));
        }
    });
}

} // namespace haiga::device
