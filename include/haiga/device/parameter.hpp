#pragma once

#include "haiga/tensor/shape.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace haiga::device {

/// How a weight lies in memory, against how checkpoints spell it. All backends so far read weights
/// with the output channel innermost, in both passes, so that nothing is repacked in a step.
enum class layout : std::uint8_t {
    plain,  ///< as in checkpoints
    in_out, ///< checkpoints say [out, in]
    hwio,   ///< checkpoints say OIHW
};

/// How a parameter starts.
struct initial {
    enum class kind : std::uint8_t { zeros, ones, uniform, normal } how = kind::zeros;
    double scale = 0; ///< uniform: in [-scale, scale); normal: the standard deviation
};

/// A trained array: its name and shape as Diffusers has them, and how this library keeps it.
struct parameter {
    std::string name;
    haiga::shape shape; ///< of the checkpoint
    device::layout layout = layout::plain;
    initial start = {};
    bool trained = true;

    [[nodiscard]] auto stored_shape() const -> haiga::shape
    {
        switch (layout) {
        case layout::in_out: return {shape[1], shape[0]};
        case layout::hwio: return {shape[2], shape[3], shape[1], shape[0]};
        case layout::plain: break;
        }
        return shape;
    }
};

namespace detail {

/// Swaps the two outer axes with the inner ones: [a][b] -> [b][a].
template <class T>
void transpose(std::span<T const> from, std::span<T> to, std::int64_t a, std::int64_t b)
{
    for (std::int64_t i = 0; i < a; ++i) {
        for (std::int64_t j = 0; j < b; ++j) {
            to[static_cast<std::size_t>(j * a + i)] = from[static_cast<std::size_t>(i * b + j)];
        }
    }
}

/// [o][i][s] <-> [s][i][o]: both ways are the same exchange of the outermost and innermost axis.
template <class T>
void exchange_ends(std::span<T const> from, std::span<T> to, std::int64_t o, std::int64_t i,
                   std::int64_t s)
{
    for (std::int64_t x = 0; x < o; ++x) {
        for (std::int64_t y = 0; y < i; ++y) {
            for (std::int64_t z = 0; z < s; ++z) {
                to[static_cast<std::size_t>((z * i + y) * o + x)] =
                    from[static_cast<std::size_t>((x * i + y) * s + z)];
            }
        }
    }
}

} // namespace detail

/// The checkpoint's order -> the library's. Shapes: both hold p.shape.elements() elements.
template <class T>
void to_stored(parameter const& p, std::span<T const> checkpoint, std::span<T> stored)
{
    switch (p.layout) {
    case layout::plain: std::copy(checkpoint.begin(), checkpoint.end(), stored.begin()); break;
    case layout::in_out: detail::transpose(checkpoint, stored, p.shape[0], p.shape[1]); break;
    case layout::hwio:
        detail::exchange_ends(checkpoint, stored, p.shape[0], p.shape[1], p.shape[2] * p.shape[3]);
        break;
    }
}

/// The library's order -> the checkpoint's.
template <class T>
void to_checkpoint(parameter const& p, std::span<T const> stored, std::span<T> checkpoint)
{
    switch (p.layout) {
    case layout::plain: std::copy(stored.begin(), stored.end(), checkpoint.begin()); break;
    case layout::in_out: detail::transpose(stored, checkpoint, p.shape[1], p.shape[0]); break;
    case layout::hwio:
        detail::exchange_ends(stored, checkpoint, p.shape[2] * p.shape[3], p.shape[1], p.shape[0]);
        break;
    }
}

} // namespace haiga::device
