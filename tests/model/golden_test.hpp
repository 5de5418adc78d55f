#pragma once

#include "haiga/device/parameter.hpp"
#include "tests/golden/numbers.hpp"
#include "tests/model/on_host.hpp"
#include "tests/model/picture_test.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace haiga::test {

/// FNV-1a of the sorted lines "name [shape]".
inline auto hash_of(std::vector<device::parameter> const& parameters) -> std::uint64_t
{
    std::vector<std::string> lines;
    for (auto const& p : parameters) {
        lines.push_back(concat(p.name, ' ', p.shape, '\n'));
    }
    std::ranges::sort(lines);
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (auto const& line : lines) {
        for (auto const c : line) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        }
    }
    return hash;
}

inline void check_parameters(device::graph const& g, golden::parameter_list const& want)
{
    CAPTURE(std::string(want.model));
    std::int64_t elements = 0;
    for (auto const& p : g.parameters()) {
        elements += p.shape.elements();
    }
    CHECK(elements == want.elements);
    CHECK(g.parameters().size() == want.tensors);
    CHECK(hash_of(g.parameters()) == want.hash);
}

inline auto norm_of(std::vector<double> const& values) -> double
{
    double sum = 0;
    for (auto const x : values) {
        sum += x * x;
    }
    return std::sqrt(sum);
}

/// [N, H, W, C] to the checkpoint's [N, C, H, W]; anything else stays.
inline auto channels_first(std::vector<double> const& from, shape const& dims)
    -> std::vector<double>
{
    if (dims.rank() != 4) {
        return from;
    }
    std::vector<double> to(from.size());
    auto const pixels = static_cast<std::size_t>(dims[1] * dims[2]);
    auto const channels = static_cast<std::size_t>(dims[3]);
    for (std::size_t i = 0; i < from.size(); ++i) {
        auto const n = i / (pixels * channels);
        auto const pixel = i / channels % pixels;
        to[(n * channels + i % channels) * pixels + pixel] = from[i];
    }
    return to;
}

/// Normal numbers of torch's generator, drawn in torch's order of axes.
inline auto draw_normal(torch_generator& generator, shape const& dims) -> std::vector<double>
{
    std::vector<float> values(static_cast<std::size_t>(dims.elements()));
    generator.fill_normal(values);
    return dims.rank() == 4 ? channels_last(values, dims)
                            : std::vector<double>(values.begin(), values.end());
}

/// How a weight of a toy is drawn.
struct uniform_range {
    double low = 0, high = 0;
};

/// Draws all parameters whose names begin with the prefix, in the order of names, from torch's
/// generator; range_of(parameter) -> uniform_range.
template <class T, class RangeOf>
void draw_weights(model::flat_parameters<T> const& parameters, torch_generator& generator,
                  RangeOf const& range_of, std::string_view prefix = {})
{
    std::vector<std::size_t> order(parameters.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return parameters.info(i).name; });
    for (auto const i : order) {
        auto const& p = parameters.info(i);
        if (!p.name.starts_with(prefix)) {
            continue;
        }
        auto const [low, high] = range_of(p);
        std::vector<float> drawn(parameters.stored(i).size());
        generator.fill_uniform(drawn, static_cast<float>(low), static_cast<float>(high));
        std::vector<T> const values(drawn.begin(), drawn.end());
        device::to_stored<T>(p, values, parameters.stored(i));
    }
}

/// The norm of the whole, and three entries relative to it: an entry may be much smaller.
inline void check_gradient(golden::gradient const& want, std::vector<double> const& got,
                           double tolerance, double least_norm = 0)
{
    CAPTURE(std::string(want.name));
    auto const most = tolerance * std::max(want.norm, least_norm);
    CHECK(std::abs(norm_of(got) - want.norm) <= most);
    std::size_t const at[] = {0, got.size() / 2, got.size() - 1};
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(std::abs(got[at[i]] - want.entries[i]) <= most);
    }
}

/// A bias of keys moves all scores of a query alike: its gradient is 0, and what is left of the
/// terms that its weights' gradients are sums of too.
inline auto least_norm_of(std::string const& name, std::span<golden::gradient const> all) -> double
{
    if (!name.ends_with("to_k.bias") && !name.ends_with("k_proj.bias")) {
        return 0;
    }
    auto const weight = name.substr(0, name.size() - 4) + "weight";
    auto const at =
        std::ranges::find(all, weight, [](auto const& w) { return std::string(w.name); });
    return at->norm;
}

/// Each of the parameters' gradients that others name; the others have none.
template <class T>
void check_parameter_gradients(model::flat_parameters<T> const& gradients,
                               std::span<golden::gradient const> want, double tolerance)
{
    std::size_t found = 0;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        auto const& name = gradients.info(i).name;
        auto const values = gradients.checkpoint(i);
        auto const at =
            std::ranges::find(want, name, [](auto const& w) { return std::string(w.name); });
        if (at == want.end()) {
            CAPTURE(name);
            CHECK(std::ranges::all_of(values, [](T x) { return x == 0; }));
        } else {
            check_gradient(*at, std::vector<double>(values.begin(), values.end()), tolerance,
                           least_norm_of(name, want));
            ++found;
        }
    }
    CHECK(found == want.size());
}

/// Root of the mean squares of what differs, relative to those of the output.
inline void check_output(std::vector<double> const& got, std::span<double const> every_7,
                         double norm, double tolerance)
{
    std::vector<double> differences;
    std::vector<double> published(every_7.begin(), every_7.end());
    REQUIRE((got.size() + 6) / 7 == every_7.size());
    for (std::size_t i = 0; i < every_7.size(); ++i) {
        differences.push_back(got[7 * i] - every_7[i]);
    }
    CHECK(norm_of(differences) <= tolerance * norm_of(published));
    CHECK(std::abs(norm_of(got) - norm) <= tolerance * norm);
}

} // namespace haiga::test
