#pragma once

#include "haiga/checkpoint/inside.hpp"
#include "haiga/checkpoint/tensor_file.hpp"
#include "haiga/io/aside.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/unique_keys.hpp"
#include "haiga/json/write.hpp"

#include <map>
#include <set>

namespace haiga::checkpoint {

/// Which file of a set holds each tensor: a file that ends in .index.json, beside the others.
/// Source: huggingface_hub, "Serialization", split_state_dict_into_shards_factory.
struct shard_index {
    std::map<std::string, std::string> files; ///< by the names of the tensors
    std::uint64_t total_bytes = 0;            ///< of all tensors; 0 where the index does not tell

    [[nodiscard]] auto names() const -> std::set<std::string>
    {
        std::set<std::string> all;
        for (auto const& [tensor, file] : files) {
            all.insert(file);
        }
        return all;
    }
};

/// Errors: those of json::parse_unique; mismatch, not_found for members of other kinds.
inline auto parse_shard_index(std::string_view text) -> result<shard_index>
{
    constexpr std::size_t deepest = 8;
    HAIGA_TRY(auto const document, json::parse_unique(text, {text.size(), deepest}));
    HAIGA_TRY(auto const object, json::as<boost::json::object>(document));
    HAIGA_TRY(auto const map, json::get<boost::json::object>(object, "weight_map"));
    shard_index index;
    for (auto const& member : map) {
        HAIGA_TRY(auto file, json::get<std::string>(map, member.key()));
        index.files.emplace(member.key(), std::move(file));
    }
    HAIGA_TRY(auto const about, json::get<boost::json::object>(object, "metadata", {}));
    HAIGA_TRY(index.total_bytes, json::get<std::uint64_t>(about, "total_size", 0));
    return index;
}

/// The text of an index; the same index gives the same bytes.
inline auto write_shard_index(shard_index const& index) -> std::string
{
    boost::json::object map;
    for (auto const& [tensor, file] : index.files) {
        map[tensor] = file;
    }
    return json::pretty(
        boost::json::object{{"metadata", boost::json::object{{"total_size", index.total_bytes}}},
                            {"weight_map", std::move(map)}});
}

/// Tensors in one file, or in the files of an index.
class sharded_set {
public:
    /// One file. Errors: those of tensor_file::open.
    [[nodiscard]] static auto open(std::filesystem::path const& file) -> result<sharded_set>
    {
        sharded_set set;
        HAIGA_TRY(auto one, tensor_file::open(file));
        set.add(std::move(one));
        return set;
    }

    /// The files of an index, which lie in its folder.
    /// Errors: those of parse_shard_index, file_inside, tensor_file::open; mismatch for a tensor
    ///         that is not in the file that the index names, and for one that it does not name.
    [[nodiscard]] static auto open_index(std::filesystem::path const& file) -> result<sharded_set>
    {
        constexpr std::uint64_t largest = safetensors_max_header;
        auto const named = [&](failure&& f) { return std::move(f).within(file.string()); };
        HAIGA_TRY(auto const text, io::read_file(file, largest));
        HAIGA_TRY(auto const index, parse_shard_index(as_text(text)).map_error(named));
        sharded_set set;
        if (index.files.empty()) {
            return fail(errc::invalid, file.string(), ": names no tensors");
        }
        std::size_t found = 0;
        for (auto const& name : index.names()) {
            HAIGA_TRY(auto const shard, file_inside(io::folder_of(file), name));
            HAIGA_TRY(auto one, tensor_file::open(shard));
            for (auto const& tensor : one.tensors()) {
                auto const at = index.files.find(tensor.name);
                if (at == index.files.end() || at->second != name) {
                    return fail(errc::mismatch, file.string(), ": \"", tensor.name, "\" is in ",
                                name, ", where the index does not name it");
                }
                ++found;
            }
            set.add(std::move(one));
        }
        if (found != index.files.size()) {
            return fail(errc::mismatch, file.string(), ": ", set.first_missing(index),
                        " is not in the file that the index names");
        }
        return set;
    }

    [[nodiscard]] auto tensors() const -> std::span<stored_tensor const> { return tensors_; }
    [[nodiscard]] auto files() const -> std::span<tensor_file const> { return files_; }

private:
    void add(tensor_file one)
    {
        tensors_.insert(tensors_.end(), one.tensors().begin(), one.tensors().end());
        files_.push_back(std::move(one));
    }

    [[nodiscard]] auto first_missing(shard_index const& index) const -> std::string
    {
        std::set<std::string_view> have;
        for (auto const& tensor : tensors_) {
            have.insert(tensor.name);
        }
        auto const at = std::ranges::find_if(
            index.files, [&](auto const& entry) { return !have.contains(entry.first); });
        return at != index.files.end() ? '"' + at->first + '"' : std::string();
    }

    std::vector<tensor_file> files_;
    std::vector<stored_tensor> tensors_;
};

} // namespace haiga::checkpoint
