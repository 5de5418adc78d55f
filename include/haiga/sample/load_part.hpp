#pragma once

#include "haiga/checkpoint/bound_model.hpp"
#include "haiga/checkpoint/folder_texts.hpp"
#include "haiga/checkpoint/lora_edits.hpp"
#include "haiga/checkpoint/model_source.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/model/parameters_io.hpp"
#include "haiga/tensor/page_array.hpp"

#include <list>
#include <map>
#include <vector>

namespace haiga::sample {

namespace detail {

/// Errors: not_found for a part that the model lacks, naming those that it has.
inline auto check_part(checkpoint::model_source const& source, std::string_view component)
    -> result<>
{
    if (source.model.part(component) != nullptr) {
        return {};
    }
    std::string found;
    for (auto const& part : source.model.parts) {
        found += (found.empty() ? "" : ", ") + part.component;
    }
    return fail(errc::not_found, source.path.string(), ": has no ", component, ", only ", found);
}

} // namespace detail

/// The configuration of a part, as "vae": the folder's config.json, or, of a single file, what the
/// catalogue says for models of its layout.
///
/// Errors: not_found for a part that the model lacks; those of reading and parsing, naming the
/// file.
inline auto part_config(checkpoint::model_source const& source, std::string const& component)
    -> result<boost::json::value>
{
    constexpr std::uint64_t largest = 1 << 20;
    HAIGA_TRY_VOID(detail::check_part(source, component));
    auto const inside = source.model.whole ? component + "/config.json" : "config.json";
    auto const file = source.path / inside;
    std::error_code error;
    if (source.folder && std::filesystem::exists(file, error)) {
        auto const named = [&](failure&& f) { return std::move(f).within(file.string()); };
        HAIGA_TRY(auto const text, io::read_file(file, largest));
        return json::parse_unique(as_text(text)).map_error(named);
    }
    HAIGA_TRY(auto const texts,
              checkpoint::make_folder_texts(source.model, catalog::prediction::epsilon, {}));
    return json::parse(texts.at(inside));
}

/// Which tensors of a model become parameters.
struct part_choice {
    std::string component;   ///< "vae"
    std::string prefix = {}; ///< what the graph's names have before the checkpoint's: "vae."
    /// How names begin that the graph has no use for: "encoder." where it only decodes.
    std::vector<std::string> without = {};
};

namespace detail {

/// A part's tensors under Diffusers' names, where they lie.
struct bound_part {
    checkpoint::bound_model model;
    std::map<std::string_view, std::vector<std::size_t>> rows; ///< of the model's, by full names
    std::list<std::vector<std::byte>> held; ///< what is made up of several blocks, gathered
    std::vector<model::checkpoint_tensor> tensors;

    void add(std::string_view name, std::vector<std::size_t> const& of_tensor)
    {
        auto const& first = model.blocks[of_tensor[0]];
        auto const dims =
            checkpoint::dims_of_rows(model.map, of_tensor, checkpoint::naming::diffusers);
        auto& tensor =
            tensors.emplace_back(model::checkpoint_tensor{name, first.type, dims, first.bytes});
        if (of_tensor.size() > 1) {
            auto& gathered = held.emplace_back();
            for (auto const i : of_tensor) {
                static_cast<void>(checkpoint::for_each_piece(
                    model.blocks[i], [&](std::span<std::byte const> piece) -> result<> {
                        gathered.insert(gathered.end(), piece.begin(), piece.end());
                        return {};
                    }));
            }
            tensor.bytes = gathered;
        } else if (!first.is_dense()) {
            tensor.steps.assign(first.steps.begin(), first.steps.begin() + dims.rank());
        }
    }
};

/// Errors: those of bind_tensors.
inline auto bind_part(checkpoint::model_source const& source, part_choice const& choice)
    -> result<bound_part>
{
    bound_part part;
    HAIGA_TRY(part.model,
              checkpoint::bind_tensors(source.tensors, checkpoint::model_keys(source.model),
                                       source.model.follows));
    part.rows = checkpoint::rows_by_tensor(part.model.map, checkpoint::naming::diffusers);
    auto const folder = choice.component + '/';
    for (auto const& [full, rows] : part.rows) {
        auto const name = full.substr(std::min(full.size(), folder.size()));
        auto const begins = [name = name](auto const& front) { return name.starts_with(front); };
        if (full.starts_with(folder) && std::ranges::none_of(choice.without, begins)) {
            part.add(name, rows);
        }
    }
    return part;
}

/// The file that a part's weights are in, or the index of such files.
inline auto file_of(checkpoint::model_source const& source, std::string_view component)
    -> std::filesystem::path const&
{
    auto const at =
        std::ranges::find(source.weights, component, &checkpoint::weights_file::component);
    return at == source.weights.end() ? source.weights.front().name : at->name;
}

/// The values of a tensor as edits change them; `room` holds them.
/// Errors: those of the edits.
inline auto edited(bound_part const& part, model::checkpoint_tensor const& tensor,
                   std::vector<std::size_t> const& rows, checkpoint::weight_edits const& edits,
                   std::vector<float>& room, parallelism team) -> result<model::checkpoint_tensor>
{
    constexpr std::size_t piece = std::size_t{1} << 16U;
    room.resize(static_cast<std::size_t>(tensor.dims.elements()));
    auto const pieces = static_cast<std::ptrdiff_t>(room.size() / piece + 1);
    parallel_for(team, pieces, [&](std::ptrdiff_t i, int) {
        auto const first = static_cast<std::size_t>(i) * piece;
        auto const part_of_it = std::min(piece, room.size() - first);
        model::read_elements<float>(tensor, static_cast<std::int64_t>(first),
                                    std::span(room).subspan(first, part_of_it));
    });
    auto left = std::span(room);
    for (auto const i : rows) {
        auto const& row = part.model.map.rows[i];
        auto const count = static_cast<std::size_t>(row.dims.elements());
        HAIGA_TRY_VOID(edits.edit(row, left.first(count)));
        left = left.subspan(count);
    }
    return model::checkpoint_tensor{tensor.name, dtype::f32, tensor.dims,
                                    std::as_bytes(std::span(room))};
}

/// Fills parameters; what edits change one by one, behind all others.
/// Errors: those of fill_parameters and of the edits.
template <class T>
auto fill_part(model::flat_parameters<T> const& parameters, bound_part const& part,
               std::vector<model::parameter_source> sources, std::string const& component,
               checkpoint::weight_edits const& edits, parallelism team) -> result<>
{
    auto const full = [&](model::parameter_source const& s) {
        return concat(component, '/', s.tensor->name);
    };
    auto const changed = std::ranges::stable_partition(
        sources, [&](auto const& s) { return !edits.tensors.contains(full(s)); });
    std::span const plain(sources.begin(), changed.begin());
    HAIGA_TRY_VOID(model::fill_parameters<T>(parameters, plain, team));
    std::vector<float> room;
    for (auto const& each : changed) {
        auto const& rows = part.rows.find(full(each))->second;
        HAIGA_TRY(auto const tensor, edited(part, *each.tensor, rows, edits, room, team));
        model::parameter_source const source{each.parameter, &tensor};
        HAIGA_TRY_VOID(model::fill_parameters<T>(parameters, {&source, 1}, team));
    }
    return {};
}

} // namespace detail

/// Fills a flat buffer with a part of an opened model, whatever its form and its type of numbers.
/// Parameters without the prefix are another part's and stay as they are. LoRAs are added to the
/// weights in their order, in f32, as checkpoint::convert_model adds them before it rounds to the
/// type of its output; what they have for other parts is passed over.
///
/// Memory: the buffer, and of tensors that a LoRA changes one at a time.
/// Errors: not_found for a part that the model lacks; those of bind_tensors, load_parameters and
///         lora_set::open. All name the file.
template <class T>
auto load_part(checkpoint::model_source const& source, part_choice const& choice,
               model::flat_parameters<T> const& parameters,
               std::span<checkpoint::lora_choice const> loras = {},
               parallelism team = parallelism::all_cores()) -> result<>
{
    HAIGA_TRY_VOID(detail::check_part(source, choice.component));
    auto const in = [](std::filesystem::path const& file) {
        return [name = file.string()](failure&& f) { return std::move(f).within(name); };
    };
    auto const& file = detail::file_of(source, choice.component);
    HAIGA_TRY(auto const part, detail::bind_part(source, choice).map_error(in(source.path)));
    HAIGA_TRY(auto const added,
              checkpoint::lora_set::open(loras, source.model, part.model.map.rows));
    HAIGA_TRY(
        auto sources,
        model::match_parameters<T>(parameters, part.tensors, choice.prefix).map_error(in(file)));
    return detail::fill_part(parameters, part, std::move(sources), choice.component,
                             added.edits(team), team)
        .map_error(in(file));
}

/// The flat buffer of a graph whose parameters are all of one part.
///
/// Errors: as above; mismatch, before memory is had for what a configuration claims, where the
///         model holds fewer numbers; out_of_memory.
inline auto load_part(checkpoint::model_source const& source, part_choice const& choice,
                      device::graph const& g, std::span<checkpoint::lora_choice const> loras = {},
                      parallelism team = parallelism::all_cores()) -> result<page_array<float>>
{
    std::int64_t needed = 0;
    std::int64_t found = 0;
    for (auto const& parameter : g.parameters()) {
        needed += parameter.shape.elements();
    }
    for (auto const& tensor : source.tensors) {
        found += tensor.dims.elements();
    }
    if (needed > found) {
        return fail(errc::mismatch, source.path.string(), ": holds ", found, " numbers, its ",
                    choice.component, "'s configuration says ", needed);
    }
    HAIGA_TRY(auto values, page_array<float>::make(model::flat_size<float>(g)));
    HAIGA_TRY_VOID(load_part<float>(source, choice, {g, values}, loras, team));
    return values;
}

} // namespace haiga::sample
