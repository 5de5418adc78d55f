#pragma once

#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/io/publish.hpp"
#include "haiga/model/parameters_io.hpp"
#include "haiga/tensor/tensor.hpp"
#include "haiga/train/recipe_json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>

namespace haiga::train {

/// A trained painter as one file: the averaged parameters under Diffusers' names, and in the
/// metadata, as "recipe", what it takes to paint with them. No photograph is in it.
struct painting {
    train::recipe recipe;
    aligned_vector<float> parameters; ///< flat, as model::painter's trace lays them out
};

/// The graph that fixes names, shapes and the flat layout; nothing of it is run.
inline auto layout_of(model::painter_config const& c) -> device::graph
{
    device::graph g;
    auto const sample = g.input(dtype::f32, {1, c.size, c.size, 3});
    model::painter(model::scope(g), c, sample, g.input(dtype::f32, {1}));
    return g;
}

namespace detail {

/// Errors: invalid where a number is not finite: pictures would be of nothing.
inline auto check_finite(model::flat_parameters<float const> const& all) -> result<>
{
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!std::ranges::all_of(all.stored(i), [](float x) { return std::isfinite(x); })) {
            return fail(errc::invalid, '"', all.info(i).name,
                        "\" has numbers that are not finite: the training has diverged");
        }
    }
    return {};
}

} // namespace detail

/// Errors: io; invalid for parameters that are not finite. The file is there whole or not at all.
template <io::file_system Files = io::local_files>
auto save_painting(std::filesystem::path const& file, recipe const& r,
                   std::span<float const> parameters, Files files = {}) -> result<>
{
    auto const g = layout_of(r.model);
    model::flat_parameters<float const> const all(g, parameters);
    HAIGA_TRY_VOID(detail::check_finite(all).map_error(
        [&](failure&& f) { return std::move(f).within(file.string() + ": not saved"); }));
    std::vector<std::vector<float>> values;
    std::vector<checkpoint::named_tensor> tensors;
    for (std::size_t i = 0; i < all.size(); ++i) {
        values.push_back(all.checkpoint(i));
        tensors.push_back(
            {all.info(i).name, tensor_view<float const>(values.back().data(), all.info(i).shape)});
    }
    checkpoint::metadata_map const about{{"format", "pt"},
                                         {"recipe", boost::json::serialize(to_json(r))}};
    return io::publish_file(files, file, [&](auto& sink) {
        return checkpoint::write_safetensors(sink, tensors, about);
    });
}

namespace detail {

/// Before memory is had for what a recipe claims: mismatch where the file holds less.
inline auto check_count(device::graph const& g, std::span<checkpoint::tensor_entry const> tensors)
    -> result<>
{
    std::int64_t needed = 0;
    std::int64_t found = 0;
    for (auto const& parameter : g.parameters()) {
        needed += parameter.shape.elements();
    }
    for (auto const& tensor : tensors) {
        found += tensor.dims.elements();
    }
    return needed <= found
               ? result<>()
               : fail(errc::mismatch, "holds ", found, " numbers, its recipe's model has ", needed);
}

} // namespace detail

/// Errors: those of the reader, of recipe_from_json and of load_parameters, naming the file.
inline auto load_painting(std::filesystem::path const& file) -> result<painting>
{
    HAIGA_TRY(auto const reader, checkpoint::safetensors_reader::open(file));
    auto read = [&]() -> result<painting> {
        auto const about = reader.metadata().find("recipe");
        if (about == reader.metadata().end()) {
            return fail(errc::not_found, "its metadata have no \"recipe\": not a painter's file");
        }
        painting made;
        HAIGA_TRY(made.recipe, read_recipe(about->second));
        auto const g = layout_of(made.recipe.model);
        HAIGA_TRY_VOID(detail::check_count(g, reader.tensors()));
        made.parameters.resize(model::flat_size<float>(g));
        std::vector<model::checkpoint_tensor> tensors;
        for (auto const& t : reader.tensors()) {
            tensors.push_back({t.name, t.type, t.dims, reader.bytes(t)});
        }
        HAIGA_TRY_VOID(model::load_parameters<float>({g, made.parameters}, tensors));
        return made;
    };
    return read().map_error([&](failure&& f) { return std::move(f).within(file.string()); });
}

} // namespace haiga::train
