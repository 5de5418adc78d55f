#pragma once

#include "haiga/checkpoint/model_keys.hpp"
#include "haiga/checkpoint/rearrange.hpp"
#include "haiga/checkpoint/tensor_entry.hpp"
#include "haiga/io/mapped_file.hpp"

#include <map>
#include <unordered_set>

namespace haiga::checkpoint {

/// A tensor that the other naming has no place for.
struct omitted_tensor {
    stored_tensor tensor;
    std::string why;
};

/// The blocks of a model, each where it lies: blocks[i] has the values of map.rows[i], as Diffusers
/// arranges them.
struct bound_model {
    key_map map;
    std::vector<stored_tensor> blocks;
    std::vector<omitted_tensor> omitted;
    std::vector<io::mapped_file const*> files; ///< in which blocks lie that are in no memory

    /// The mapped file that bytes are of; null for memory.
    [[nodiscard]] auto file_of(std::span<std::byte const> bytes) const -> io::mapped_file const*
    {
        auto const at =
            std::ranges::find_if(files, [&](auto const* file) { return file->holds(bytes); });
        return at == files.end() ? nullptr : *at;
    }
};

/// Rows of a map by the tensor of a naming that they are part of, in the order of its rows.
inline auto rows_by_tensor(key_map const& map, naming n)
    -> std::map<std::string_view, std::vector<std::size_t>>
{
    std::map<std::string_view, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < map.rows.size(); ++i) {
        groups[map.rows[i].name(n)].push_back(i);
    }
    for (auto& [name, rows] : groups) {
        std::ranges::sort(rows, {}, [&](std::size_t i) { return map.rows[i].row(n); });
    }
    return groups;
}

namespace detail {

inline auto dims_in(key_row const& row, naming n) -> shape
{
    return n == naming::diffusers ? row.dims : original_dims(row.dims, row.how);
}

inline auto with_rows(shape const& dims, std::int64_t rows) -> shape
{
    std::array<std::int64_t, shape::max_rank> extents{};
    std::copy(dims.begin(), dims.end(), extents.begin());
    extents[0] = rows;
    return shape(std::span(extents).first(static_cast<std::size_t>(dims.rank())));
}

} // namespace detail

/// The shape of the tensor that rows of a map make up in a naming.
inline auto dims_of_rows(key_map const& map, std::span<std::size_t const> rows, naming n) -> shape
{
    auto const& last = map.rows[rows.back()];
    auto const dims = detail::dims_in(last, n);
    return rows.size() == 1 ? dims : detail::with_rows(dims, last.row(n) + dims[0]);
}

/// The name under which the training's means of a parameter are kept.
/// Source: LitEma in ldm/modules/ema.py of github.com/CompVis/latent-diffusion.
inline auto ema_name(std::string_view original) -> std::string
{
    auto name = std::string(original.substr(std::string_view("model.").size()));
    std::erase(name, '.');
    return "model_ema." + name;
}

struct bind_options {
    bool ema = false; ///< the UNet's parameters are those that were averaged over its training
};

/// Puts every tensor in its place.
///
/// Law:    total: each row of the map gets its values, and each tensor is used, or on the list of
///         those without a place.
/// Errors: not_found for a missing tensor; mismatch for one of another shape; invalid for one that
///         nothing is known of, and where the means are wanted and are not there. All name it.
inline auto bind_tensors(std::span<stored_tensor const> tensors, key_map map, naming follows,
                         bind_options options = {}) -> result<bound_model>
{
    HAIGA_TRY(auto const named, named_tensors::over(tensors, follows));
    bound_model bound;
    bound.blocks.resize(map.rows.size());
    std::unordered_set<stored_tensor const*> used;
    bool any_averaged = false;
    for (auto const& [name, rows] : rows_by_tensor(map, follows)) {
        bool const averaged = options.ema && name.starts_with("model.diffusion_model.");
        any_averaged = any_averaged || averaged;
        auto const wanted = averaged ? ema_name(name) : std::string(name);
        auto const* const tensor = named.find(wanted);
        if (tensor == nullptr) {
            return fail(errc::not_found, '"', wanted, "\" is missing",
                        averaged ? ": this checkpoint has no EMA weights" : "");
        }
        auto const dims = dims_of_rows(map, rows, follows);
        if (tensor->dims != dims) {
            return fail(errc::mismatch, '"', wanted, "\": expected ", dims, ", found ",
                        tensor->dims);
        }
        auto const bytes = checked_bytes(tensor->type, dims);
        if (!bytes || *bytes > tensor->bytes.size()) {
            return fail(errc::unsupported, '"', wanted, "\" repeats elements: ", dims, " in ",
                        tensor->bytes.size(), " bytes");
        }
        if (!used.insert(tensor).second) {
            return fail(errc::invalid, '"', wanted, "\" would have two places");
        }
        for (auto const i : rows) {
            auto const& row = map.rows[i];
            auto const part = rows.size() == 1 ? *tensor
                                               : rows_of(*tensor, row.row(follows),
                                                         detail::dims_in(row, follows)[0]);
            bound.blocks[i] = follows == naming::diffusers ? part : to_diffusers(part, row.how);
        }
    }
    if (options.ema && !any_averaged) {
        return fail(errc::not_found, "no EMA weights: only the single file of a UNet has them");
    }
    for (auto const& tensor : tensors) {
        if (used.contains(&tensor)) {
            continue;
        }
        auto const known = std::ranges::find_if(map.without_place, [&](left_out const& l) {
            return l.of == follows && l.covers(tensor.name);
        });
        bool const replaced = options.ema && tensor.name.starts_with("model.diffusion_model.");
        if (known == map.without_place.end() && !replaced) {
            return fail(errc::invalid, '"', tensor.name, "\" ", tensor.dims,
                        " has no place in this model");
        }
        bound.omitted.push_back({tensor, replaced ? "its EMA is taken" : std::string(known->why)});
    }
    bound.map = std::move(map);
    return bound;
}

} // namespace haiga::checkpoint
