#pragma once

#include "haiga/base/torch_generator.hpp"
#include "haiga/model/initialise.hpp"
#include "haiga/model/scope.hpp"
#include "tests/model/on_host.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>

namespace haiga::test {

/// [N, C, H, W], as torch has pictures, to [N, H, W, C].
inline auto channels_last(std::span<float const> from, shape const& nhwc) -> std::vector<double>
{
    std::vector<double> to(from.size());
    std::size_t at = 0;
    for (std::int64_t n = 0; n < nhwc[0]; ++n) {
        for (std::int64_t c = 0; c < nhwc[3]; ++c) {
            for (std::int64_t y = 0; y < nhwc[1]; ++y) {
                for (std::int64_t x = 0; x < nhwc[2]; ++x) {
                    auto const pixel = (n * nhwc[1] + y) * nhwc[2] + x;
                    to[static_cast<std::size_t>(pixel * nhwc[3] + c)] = from[at++];
                }
            }
        }
    }
    return to;
}

/// A test of Diffusers, told again: draws and constructs in its order, from torch's generator.
class picture_test {
public:
    torch_generator generator{0};
    device::graph graph;

    [[nodiscard]] auto root() -> model::scope { return model::scope(graph, {.trained = false}); }

    /// torch.randn(n, channels, size, size)
    auto picture(std::int64_t n, std::int64_t channels, std::int64_t size) -> device::value
    {
        return input({n, size, size, channels});
    }

    /// torch.randn(extents)
    auto input(shape dims) -> device::value
    {
        auto const v = graph.input(dtype::f32, dims);
        drawn_[v] = draw(dims);
        return v;
    }

    /// Runs what was traced, with weights drawn now and then such inputs as were not drawn yet.
    auto run(device::value out, std::vector<device::value> const& later = {}) -> std::vector<double>
    {
        graph.keep(out);
        on_host<float> host(graph);
        model::initialise(host.parameters(), generator);
        for (auto const& [v, values] : drawn_) {
            host.write(v, values);
        }
        for (auto const v : later) {
            host.write(v, draw(graph.shape_of(v)));
        }
        host.run();
        return host.read(out);
    }

    /// Compares out[0, -1, -3:, -3:] with what Diffusers publishes, to the four digits it prints.
    void check_corner(device::value out, std::vector<double> const& published,
                      std::vector<device::value> const& later = {})
    {
        auto const got = run(out, later);
        auto const dims = graph.shape_of(out);
        REQUIRE(published.size() == 9);
        for (std::int64_t i = 0; i < 9; ++i) {
            auto const pixel = (dims[1] - 3 + i / 3) * dims[2] + dims[2] - 3 + i % 3;
            auto const at = static_cast<std::size_t>(pixel * dims[3] + dims[3] - 1);
            CAPTURE(i);
            // half a unit of the last digit, and as much for rounding in another order
            CHECK(std::abs(got[at] - published[static_cast<std::size_t>(i)]) < 1e-4);
        }
    }

private:
    auto draw(shape const& dims) -> std::vector<double>
    {
        std::vector<float> values(static_cast<std::size_t>(dims.elements()));
        generator.fill_normal(values);
        return dims.rank() == 4 ? channels_last(values, dims)
                                : std::vector<double>(values.begin(), values.end());
    }

    std::map<device::value, std::vector<double>> drawn_;
};

} // namespace haiga::test
