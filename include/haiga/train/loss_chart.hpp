#pragma once

#include "haiga/image/line_chart.hpp"

#include <span>

namespace haiga::train {

/// The loss of each step as an SVG.
inline auto loss_chart(std::span<float const> losses) -> std::string
{
    std::vector<double> const values(losses.begin(), losses.end());
    return image::line_chart({"loss of each step", values},
                             {.title = "Training",
                              .x_label = "steps",
                              .y_label = "loss",
                              .y_scale = image::axis_scale::logarithmic});
}

} // namespace haiga::train
