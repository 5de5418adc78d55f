#pragma once

#include "haiga/checkpoint/architecture_of.hpp"
#include "haiga/checkpoint/model_folder.hpp"

#include <algorithm>
#include <cmath>

namespace haiga::bench {

/// Makes a folder of Diffusers with Stable Diffusion 1.5 at its full size, in f32. Weights are
/// views into one buffer of numbers up to 0.1, as many as the largest has.
inline auto write_stable_diffusion(std::filesystem::path const& folder) -> result<>
{
    HAIGA_TRY(auto const base, catalog::find_base_model("sd-1.5"));
    auto const model = checkpoint::architecture_of(base);
    checkpoint::bound_model bound;
    bound.map = checkpoint::model_keys(model);
    auto const largest = std::ranges::max(bound.map.rows, {}, [](auto const& row) {
                             return row.dims.elements();
                         }).dims.elements();
    std::vector<float> values(static_cast<std::size_t>(largest));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = 0.1F * std::sin(static_cast<float>(i) * 1.7F);
    }
    for (auto const& row : bound.map.rows) {
        auto const n = static_cast<std::size_t>(row.dims.elements());
        auto const part = std::as_bytes(std::span(values).last(n));
        bound.blocks.push_back(
            {row.diffusers, dtype::f32, row.dims, checkpoint::dense_strides(row.dims), part});
    }
    checkpoint::model_values const written(bound);
    constexpr std::uint64_t one_file = std::uint64_t{1} << 40U;
    HAIGA_TRY(auto const texts,
              checkpoint::make_folder_texts(model, catalog::prediction::epsilon, {}));
    HAIGA_TRY_VOID(checkpoint::write_folder_weights(folder, model, written, one_file, false,
                                                    [](std::uint64_t) { return result<>{}; }));
    return checkpoint::write_folder_texts(folder, texts);
}

} // namespace haiga::bench
