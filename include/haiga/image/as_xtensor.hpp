#pragma once

#include "haiga/image/pixels.hpp"
#include "haiga/tensor/as_xtensor.hpp"

#include <utility>

namespace haiga::image {

/// A picture as an xtensor expression that shares its memory; the picture must outlive it.
/// Shapes: [h, w, c].
template <class T>
auto as_xtensor(basic_pixels<T>& picture)
{
    return haiga::as_xtensor(tensor_view<T>(
        picture.values.data(), shape{picture.height, picture.width, picture.channels}));
}

template <class T>
auto as_xtensor(basic_pixels<T> const& picture)
{
    return haiga::as_xtensor(tensor_view<T const>(
        picture.values.data(), shape{picture.height, picture.width, picture.channels}));
}

template <class T>
void as_xtensor(basic_pixels<T> const&& picture) = delete;

} // namespace haiga::image
