#pragma once

#include "haiga/checkpoint/model_names.hpp"
#include "haiga/checkpoint/sharded_set.hpp"

#include <array>
#include <filesystem>

namespace haiga::checkpoint {

namespace detail {

/// Weights of a part's folder, by the names that Diffusers and transformers give them: safetensors
/// before torch files, full precision before variants.
inline auto weights_in(std::filesystem::path const& folder) -> std::optional<std::filesystem::path>
{
    constexpr std::array<std::string_view, 5> variants = {"", ".fp32", ".bf16", ".fp16",
                                                          ".non_ema"};
    constexpr std::array<std::string_view, 3> stems = {"diffusion_pytorch_model", "model",
                                                       "pytorch_model"};
    for (auto const variant : variants) {
        for (auto const* const ending : {".safetensors", ".bin"}) {
            for (auto const stem : stems) {
                for (auto const& name : {concat(stem, variant, ending),
                                         concat(stem, ending, ".index", variant, ".json"),
                                         concat(stem, variant, ending, ".index.json")}) {
                    std::error_code error; // a link that leads nowhere is one to tell of
                    if (std::filesystem::exists(symlink_status(folder / name, error))) {
                        return folder / name;
                    }
                }
            }
        }
    }
    return std::nullopt;
}

/// An index is JSON text; a safetensors file has zeros in its first eight bytes.
inline auto is_index(std::filesystem::path const& file) -> result<bool>
{
    HAIGA_TRY(auto const mapped, io::mapped_file::open(file));
    auto const start =
        as_text(mapped.bytes().first(std::min<std::size_t>(mapped.bytes().size(), 8)));
    return start.starts_with('{') && start.find('\0') == std::string_view::npos;
}

inline auto open_weights(std::filesystem::path const& file) -> result<sharded_set>
{
    HAIGA_TRY(bool const index, is_index(file));
    return index ? sharded_set::open_index(file) : sharded_set::open(file);
}

} // namespace detail

/// Weights where they lie: one file, or those of a folder's parts.
struct weights_file {
    std::string component; ///< the folder's part; empty for a file and for a part alone
    std::filesystem::path name;
    sharded_set set;
};

/// A model as it was found: a file, an index of files, or a folder of Diffusers.
struct model_source {
    std::filesystem::path path;
    bool folder = false;
    std::vector<weights_file> weights;
    std::vector<stored_tensor> tensors; ///< with the names that the key maps have
    architecture model;

    /// What the first file says about itself.
    [[nodiscard]] auto metadata() const -> metadata_map const&
    {
        return weights.front().set.files().front().metadata();
    }

    /// Bytes of all tensors.
    [[nodiscard]] auto bytes() const -> std::uint64_t
    {
        std::uint64_t all = 0;
        for (auto const& tensor : tensors) {
            all += static_cast<std::uint64_t>(tensor.dims.elements()) * size_of(tensor.type);
        }
        return all;
    }
};

namespace detail {

inline auto read_folder(model_source& source) -> result<>
{
    auto const& folder = source.path;
    if (auto const alone = weights_in(folder)) {
        HAIGA_TRY_VOID(check_inside(folder, *alone));
        HAIGA_TRY(auto set, open_weights(*alone));
        source.weights.push_back({{}, *alone, std::move(set)});
        return {};
    }
    std::error_code error;
    std::set<std::filesystem::path> parts;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code unknown;
        if (std::filesystem::is_directory(at->path(), unknown)) {
            HAIGA_TRY_VOID(check_inside(folder, at->path()));
            parts.insert(at->path().filename());
        }
    }
    if (error) {
        return io::fail_os(error.value(), folder, "list");
    }
    for (auto const& part : parts) {
        if (auto const file = weights_in(folder / part)) {
            HAIGA_TRY_VOID(check_inside(folder, *file));
            HAIGA_TRY(auto set, open_weights(*file));
            source.weights.push_back({part.string(), *file, std::move(set)});
        }
    }
    return source.weights.empty() ? result<>(fail(errc::not_found, folder.string(),
                                                  ": no weights in it, as model.safetensors or "
                                                  "unet/diffusion_pytorch_model.safetensors"))
                                  : result<>();
}

/// The networks that a pipeline's index names must be there: a download may have ended early.
/// Errors: those of reading model_index.json; not_found for a network without weights.
inline auto check_index(model_source const& source) -> result<>
{
    constexpr std::uint64_t largest = 1 << 20;
    constexpr std::array<std::string_view, 6> networks = {
        "unet", "vae", "text_encoder", "text_encoder_2", "transformer", "controlnet"};
    auto const file = source.path / "model_index.json";
    if (std::error_code error; !std::filesystem::exists(file, error)) {
        return {};
    }
    auto const named = [&](failure&& f) { return std::move(f).within(file.string()); };
    HAIGA_TRY(auto const text, io::read_file(file, largest));
    HAIGA_TRY(auto const index, json::parse_unique(as_text(text)).map_error(named));
    HAIGA_TRY(auto const object, json::as<boost::json::object>(index).map_error(named));
    for (auto const name : networks) {
        auto const* const told = object.if_contains(name);
        auto const* const pair = told == nullptr ? nullptr : told->if_array();
        bool const wanted = pair != nullptr && !pair->empty() && pair->front().is_string();
        if (wanted && std::ranges::find(source.weights, name, &weights_file::component) ==
                          source.weights.end()) {
            return fail(errc::not_found, (source.path / name).string(),
                        ": no weights in it, though model_index.json names it");
        }
    }
    return {};
}

/// Parts that no key map knows, as a safety checker or T5, pass as files, not as tensors.
inline void gather_tensors(model_source& source)
{
    std::vector<stored_tensor> known;
    for (auto const& [component, name, set] : source.weights) {
        std::vector<stored_tensor> part(set.tensors().begin(), set.tensors().end());
        for (auto& tensor : part) {
            tensor.name.insert(0, component.empty() ? "" : component + '/');
        }
        normalise_names(part);
        if (source.weights.size() == 1 || !find_parts(part).empty()) {
            known.insert(known.end(), std::move_iterator(part.begin()),
                         std::move_iterator(part.end()));
        }
    }
    source.tensors = std::move(known);
}

} // namespace detail

/// Opens what lies there, whatever its name, and tells what it is. Only headers are read.
/// Errors: not_found, io; those of tensor_file, sharded_set and recognise; they name the file.
inline auto open_model(std::filesystem::path const& path) -> result<model_source>
{
    model_source source;
    source.path = path;
    std::error_code error;
    source.folder = std::filesystem::is_directory(path, error);
    if (source.folder) {
        HAIGA_TRY_VOID(detail::read_folder(source));
        HAIGA_TRY_VOID(detail::check_index(source));
    } else {
        HAIGA_TRY(auto set, detail::open_weights(path));
        source.weights.push_back({{}, path, std::move(set)});
    }
    detail::gather_tensors(source);
    HAIGA_TRY(source.model, recognise(source.tensors).map_error([&](failure&& f) {
        return std::move(f).within(path.string());
    }));
    return source;
}

} // namespace haiga::checkpoint
