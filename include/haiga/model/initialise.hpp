#pragma once

#include "haiga/model/flat_parameters.hpp"

#include <algorithm>

namespace haiga::model {

/// What gives random numbers as torch's generator does, so that with it a model starts as one that
/// Diffusers has constructed after torch.manual_seed.
template <class G>
concept number_source = requires(G& g, std::span<float> out, float bound)
{
    g.fill_uniform(out, bound, bound);
    g.fill_normal(out);
};

/// One tensor's first values, in the order of checkpoints.
template <number_source G>
void draw(device::initial start, G& generator, std::span<float> out)
{
    auto const scale = static_cast<float>(start.scale);
    switch (start.how) {
    case device::initial::kind::zeros: std::ranges::fill(out, 0.0F); break;
    case device::initial::kind::ones: std::ranges::fill(out, 1.0F); break;
    case device::initial::kind::uniform: generator.fill_uniform(out, -scale, scale); break;
    case device::initial::kind::normal:
        generator.fill_normal(out);
        std::ranges::transform(out, out.begin(), [&](float x) { return x * scale; });
        break;
    }
}

/// Fills a flat buffer with first values. Order: that in which the parameters were declared.
template <class T, number_source G>
void initialise(flat_parameters<T> const& parameters, G& generator)
{
    std::vector<float> drawn;
    std::vector<T> values;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        drawn.resize(parameters.stored(i).size());
        draw(parameters.info(i).start, generator, drawn);
        values.assign(drawn.begin(), drawn.end());
        device::to_stored<T>(parameters.info(i), values, parameters.stored(i));
    }
}

} // namespace haiga::model
