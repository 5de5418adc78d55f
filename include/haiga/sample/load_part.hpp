#pragma once

#include "haiga/checkpoint/bound_model.hpp"
#include "haiga/checkpoint/folder_texts.hpp"
#include "haiga/checkpoint/model_source.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/model/parameters_io.hpp"
#include "haiga/tensor/tensor.hpp"

#include <list>
#include <vector>

namespace haiga::sample {

/// The configuration of a part, as "vae": the folder's config.json, or, of a single file, what the
/// catalogue says for models of its layout.
///
/// Errors: not_found for a part that the model lacks; those of reading and parsing, naming the
/// file.
inline auto part_config(checkpoint::model_source const& source, std::string const& component)
    -> result<boost::json::value>
{
    constexpr std::uint64_t largest = 1 << 20;
    if (source.model.part(component) == nullptr) {
        return fail(errc::not_found, source.path.string(), ": has no ", component);
    }
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

/// The tensors of a part where they lie; those whose elements lie in another order, or in several
/// blocks, are gathered into `held`.
inline auto tensors_of(checkpoint::bound_model const& bound, part_choice const& choice,
                       std::list<std::vector<std::byte>>& held)
    -> std::vector<model::checkpoint_tensor>
{
    using checkpoint::naming;
    std::vector<model::checkpoint_tensor> tensors;
    auto const folder = choice.component + '/';
    for (auto const& [full, rows] : checkpoint::rows_by_tensor(bound.map, naming::diffusers)) {
        auto const name = full.substr(std::min(full.size(), folder.size()));
        auto const begins = [name = name](auto const& part) { return name.starts_with(part); };
        if (!full.starts_with(folder) || std::ranges::any_of(choice.without, begins)) {
            continue;
        }
        auto const& first = bound.blocks[rows[0]];
        auto bytes = first.bytes;
        if (rows.size() > 1 || !first.is_dense()) {
            auto& gathered = held.emplace_back();
            for (auto const i : rows) {
                static_cast<void>(checkpoint::for_each_piece(
                    bound.blocks[i], [&](std::span<std::byte const> piece) -> result<> {
                        gathered.insert(gathered.end(), piece.begin(), piece.end());
                        return {};
                    }));
            }
            bytes = gathered;
        }
        tensors.push_back({name, first.type,
                           checkpoint::dims_of_rows(bound.map, rows, naming::diffusers), bytes});
    }
    return tensors;
}

} // namespace detail

/// Fills a flat buffer with a part of an opened model, whatever its form and its type of numbers.
/// Parameters without the prefix are another part's and stay as they are.
///
/// Errors: those of bind_tensors and load_parameters, naming the file.
template <class T>
auto load_part(checkpoint::model_source const& source, part_choice const& choice,
               model::flat_parameters<T> const& parameters) -> result<>
{
    auto const named = [&](failure&& f) { return std::move(f).within(source.path.string()); };
    HAIGA_TRY(auto const bound,
              checkpoint::bind_tensors(source.tensors, checkpoint::model_keys(source.model),
                                       source.model.follows)
                  .map_error(named));
    std::list<std::vector<std::byte>> held;
    auto const tensors = detail::tensors_of(bound, choice, held);
    return model::load_parameters<T>(parameters, tensors, choice.prefix).map_error(named);
}

/// The flat buffer of a graph whose parameters are all of one part.
///
/// Errors: as above; mismatch, before memory is had for what a configuration claims, where the
/// model
///         holds fewer numbers.
inline auto load_part(checkpoint::model_source const& source, part_choice const& choice,
                      device::graph const& g) -> result<aligned_vector<float>>
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
    aligned_vector<float> values(model::flat_size<float>(g));
    HAIGA_TRY_VOID(load_part<float>(source, choice, {g, values}));
    return values;
}

} // namespace haiga::sample
