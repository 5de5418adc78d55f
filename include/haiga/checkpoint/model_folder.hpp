#pragma once

#include "haiga/checkpoint/folder_texts.hpp"
#include "haiga/checkpoint/model_source.hpp"
#include "haiga/checkpoint/model_writer.hpp"
#include "haiga/io/create_folders.hpp"
#include "haiga/io/publish_folder.hpp"

namespace haiga::checkpoint {

/// Tensors of a part's folder, spread over files none of which holds more than `most` bytes, but
/// for one that holds a single tensor; an index where there are several.
/// Source: huggingface_hub, split_state_dict_into_shards_factory, whose usual limit is 10 GB.
struct part_files {
    std::vector<output_file> files;
    std::optional<std::pair<std::filesystem::path, std::string>> index;
};

namespace detail {

inline auto shard_name(std::string_view stem, std::size_t i, std::size_t count) -> std::string
{
    auto const padded = [](std::size_t n) {
        auto text = std::to_string(n);
        return text.insert(0, 5 - std::min<std::size_t>(text.size(), 5), '0');
    };
    return count == 1 ? concat(stem, ".safetensors")
                      : concat(stem, '-', padded(i + 1), "-of-", padded(count), ".safetensors");
}

inline auto stem_of(model_part const& part) -> std::string_view
{
    return std::holds_alternative<catalog::text_layout>(part.layout) ? "model"
                                                                     : "diffusion_pytorch_model";
}

} // namespace detail

/// tensors: those of a part, by names that begin with its component.
inline auto plan_part(model_part const& part, std::span<output_tensor const> tensors,
                      std::filesystem::path const& folder, std::uint64_t most) -> part_files
{
    part_files planned;
    std::vector<std::vector<output_tensor>> shards(1);
    std::uint64_t held = 0;
    shard_index index;
    for (auto const& tensor : tensors) {
        auto const bytes = checked_bytes(tensor.entry.type, tensor.entry.dims).value_or(0);
        if (held > 0 && bytes > most - std::min(held, most)) {
            shards.emplace_back();
            held = 0;
        }
        shards.back().push_back(tensor);
        held += bytes;
        index.total_bytes += bytes;
    }
    auto const prefix = part.component.size() + 1;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        auto const name = detail::shard_name(detail::stem_of(part), i, shards.size());
        for (auto const& tensor : shards[i]) {
            index.files[tensor.entry.name.substr(prefix)] = name;
        }
        planned.files.push_back({folder / name,
                                 std::move(shards[i]),
                                 naming::diffusers,
                                 file_form::safetensors,
                                 {{"format", "pt"}},
                                 prefix});
    }
    if (planned.files.size() > 1) {
        planned.index = {folder / concat(detail::stem_of(part), ".safetensors.index.json"),
                         write_shard_index(index)};
    }
    return planned;
}

/// The weights of a model in a folder that is there already: a folder for each part of a whole
/// one. Errors: those of write_model_file, create_folders.
inline auto write_folder_weights(std::filesystem::path const& folder, architecture const& a,
                                 model_values const& values, std::uint64_t most_in_file,
                                 bool verify, on_bytes const& passed) -> result<>
{
    io::local_files files;
    HAIGA_TRY(auto const all, values.tensors(naming::diffusers));
    for (auto const& part : a.parts) {
        auto const into = a.whole ? folder / part.component : folder;
        std::vector<output_tensor> own;
        std::ranges::copy_if(all, std::back_inserter(own), [&](output_tensor const& tensor) {
            return tensor.entry.name.starts_with(part.component + '/');
        });
        HAIGA_TRY_VOID(io::create_folders(files, into));
        auto const planned = plan_part(part, own, into, most_in_file);
        for (auto const& file : planned.files) {
            HAIGA_TRY_VOID(write_model_file(file, values, verify, passed));
        }
        if (planned.index) {
            HAIGA_TRY_VOID(
                io::publish_bytes(planned.index->first, as_bytes(planned.index->second)));
        }
    }
    return {};
}

/// Errors: those of publish_bytes and create_folders.
inline auto write_folder_texts(std::filesystem::path const& folder, folder_texts const& texts)
    -> result<>
{
    io::local_files files;
    for (auto const& [name, text] : texts) {
        HAIGA_TRY_VOID(io::create_folders(files, (folder / name).parent_path()));
        HAIGA_TRY_VOID(io::publish_bytes(folder / name, as_bytes(text)));
    }
    return {};
}

/// The files beside the weights of the parts that the key maps know. Paths are relative to the
/// folder, sorted.
struct other_files {
    std::vector<std::filesystem::path> kept; ///< configurations, tokenizers, parts of other kinds
    std::vector<std::filesystem::path> dropped; ///< further forms of the weights, and hidden files
};

namespace detail {

inline auto is_text_file(std::filesystem::path const& file) -> bool
{
    constexpr std::array<std::string_view, 5> endings = {".json", ".txt", ".model", ".md",
                                                         ".jinja"};
    return std::ranges::find(endings, file.extension().string()) != endings.end() &&
           file.filename().string().find(".index.") == std::string::npos;
}

} // namespace detail

/// Errors: io; invalid for a link that leads out of the folder, and for one to a folder.
inline auto find_other_files(model_source const& source) -> result<other_files>
{
    other_files found;
    std::error_code error;
    std::filesystem::recursive_directory_iterator at(source.path, error);
    for (; !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
        auto const inside = at->path().lexically_relative(source.path);
        auto const top = inside.begin()->string();
        std::error_code unknown;
        HAIGA_TRY_VOID(check_inside(source.path, at->path()));
        if (std::filesystem::is_directory(at->path(), unknown)) {
            if (at->is_symlink(unknown)) {
                return fail(errc::unsupported, at->path().string(), ": a link to a folder");
            }
            continue;
        }
        bool const nested = std::next(inside.begin()) != inside.end();
        bool const own = nested && source.model.part(top) == nullptr; // a part of another kind
        bool const kept = !top.starts_with('.') && (own || detail::is_text_file(inside));
        (kept ? found.kept : found.dropped).push_back(inside);
    }
    if (error) {
        return io::fail_os(error.value(), source.path, "list");
    }
    std::ranges::sort(found.kept);
    std::ranges::sort(found.dropped);
    return found;
}

/// Errors: those of mapped_file and publish_file.
inline auto copy_files(std::filesystem::path const& from, std::filesystem::path const& to,
                       std::span<std::filesystem::path const> names) -> result<>
{
    io::local_files files;
    for (auto const& name : names) {
        HAIGA_TRY(auto const mapped, io::mapped_file::open(from / name));
        HAIGA_TRY_VOID(io::create_folders(files, (to / name).parent_path()));
        HAIGA_TRY_VOID(io::publish_file(
            to / name, [&](auto& sink) { return io::copy_part(sink, mapped, mapped.bytes()); }));
    }
    return {};
}

} // namespace haiga::checkpoint
