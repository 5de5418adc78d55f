#pragma once

#include "haiga/device/plan.hpp"

#include <span>
#include <utility>
#include <vector>

namespace haiga::model {

/// The flat buffer of a graph's parameters (or of their gradients, moments, averages), seen one by
/// one. T is float, or double for a graph of f64; const for a buffer that is only read.
template <class T>
class flat_parameters {
public:
    using element = std::remove_const_t<T>;

    /// The buffer outlives the view; it holds at least place_parameters(g).second bytes.
    flat_parameters(device::graph const& g, std::span<T> buffer) : graph_(&g), buffer_(buffer)
    {
        HAIGA_CHECK(g.parameter_type() == dtype_of<element>);
        auto [offsets, bytes] = device::place_parameters(g);
        HAIGA_CHECK(buffer.size_bytes() >= bytes, buffer.size_bytes(), " bytes of ", bytes);
        offsets_ = std::move(offsets);
    }

    [[nodiscard]] auto size() const -> std::size_t { return offsets_.size(); }
    [[nodiscard]] auto info(std::size_t i) const -> device::parameter const&
    {
        return graph_->parameters()[i];
    }

    /// In the library's own order: see device::layout.
    [[nodiscard]] auto stored(std::size_t i) const -> std::span<T>
    {
        return buffer_.subspan(offsets_[i] / sizeof(T),
                               static_cast<std::size_t>(info(i).shape.elements()));
    }

    /// In the order of checkpoints.
    [[nodiscard]] auto checkpoint(std::size_t i) const -> std::vector<element>
    {
        std::vector<element> values(stored(i).size());
        device::to_checkpoint<element>(info(i), stored(i), values);
        return values;
    }

private:
    device::graph const* graph_;
    std::span<T> buffer_;
    std::vector<std::size_t> offsets_;
};

/// How many Ts a flat buffer has.
template <class T>
auto flat_size(device::graph const& g) -> std::size_t
{
    return device::place_parameters(g).second / sizeof(T);
}

} // namespace haiga::model
