#pragma once

#include "haiga/device/graph.hpp"
#include "haiga/model/flat_parameters.hpp"

#include <memory>
#include <span>
#include <vector>

namespace haiga::test {

/// A traced graph on cpu_native with its own flat buffers; compiled once, in on_host.cpp. T is
/// double for graphs of f64, float for others.
template <class T>
class on_host {
public:
    explicit on_host(device::graph const& g);
    ~on_host();
    on_host(on_host&&) noexcept;
    auto operator=(on_host&&) noexcept -> on_host&;

    [[nodiscard]] auto parameters() -> model::flat_parameters<T> { return {*graph_, parameters_}; }
    [[nodiscard]] auto gradients() -> model::flat_parameters<T> { return {*graph_, gradients_}; }

    /// Fills an input of any type.
    void write(device::value input, std::span<double const> values);
    void run();
    /// A kept value of any type.
    [[nodiscard]] auto read(device::value kept) const -> std::vector<double>;
    [[nodiscard]] auto arena_bytes() const -> std::size_t;

private:
    struct machine;
    device::graph const* graph_;
    std::vector<T> parameters_;
    std::vector<T> gradients_;
    std::unique_ptr<machine> machine_;
};

} // namespace haiga::test
