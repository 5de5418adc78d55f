#pragma once

#include "haiga/base/crc32.hpp"
#include "haiga/checkpoint/torch_tensors.hpp"
#include "haiga/io/zip_reader.hpp"

#include <map>

namespace haiga::checkpoint {

namespace detail {

/// The files of an archive by their names under its one folder, as in "archive/data/0".
class torch_archive {
public:
    static auto over(std::span<std::byte const> file) -> result<torch_archive>
    {
        HAIGA_TRY(auto entries, io::read_zip(file));
        auto const pickle = std::ranges::find_if(entries, [](io::zip_entry const& entry) {
            auto const slash = entry.name.find('/');
            return slash != std::string::npos && entry.name.substr(slash) == "/data.pkl";
        });
        if (pickle == entries.end()) {
            return fail(errc::unsupported, "a zip archive without data.pkl is no torch file");
        }
        torch_archive archive;
        archive.file_ = file;
        archive.root_ = pickle->name.substr(0, pickle->name.find('/') + 1);
        for (auto const& entry : entries) {
            if (entry.name.starts_with(archive.root_)) {
                archive.entries_.emplace(entry.name.substr(archive.root_.size()), entry);
            }
        }
        return archive;
    }

    [[nodiscard]] auto has(std::string const& name) const -> bool
    {
        return entries_.contains(name);
    }

    /// Errors: not_found.
    [[nodiscard]] auto bytes(std::string const& name) const -> result<std::span<std::byte const>>
    {
        auto const at = entries_.find(name);
        if (at == entries_.end()) {
            return fail(errc::not_found, root_, name, " is missing");
        }
        return file_.subspan(static_cast<std::size_t>(at->second.begin),
                             static_cast<std::size_t>(at->second.size));
    }

    /// For what is small: damaged bytes are found. Errors: not_found; mismatch.
    [[nodiscard]] auto checked_bytes(std::string const& name) const
        -> result<std::span<std::byte const>>
    {
        HAIGA_TRY(auto const found, bytes(name));
        crc32 sum;
        sum.add(found);
        if (sum.value() != entries_.at(name).crc) {
            return fail(errc::mismatch, root_, name, " is damaged: its checksum differs");
        }
        return found;
    }

private:
    std::span<std::byte const> file_;
    std::string root_;
    std::map<std::string, io::zip_entry> entries_;
};

inline auto check_byte_order(torch_archive const& archive) -> result<>
{
    if (archive.has("byteorder")) {
        HAIGA_TRY(auto const order, archive.checked_bytes("byteorder"));
        if (as_text(order) != "little") {
            return fail(errc::unsupported, "its byte order is \"", as_text(order),
                        "\"; only little is read");
        }
    }
    return {};
}

} // namespace detail

/// Reads everything but the data of a torch file in its zip form, that of PyTorch 1.6 and newer.
///
/// Errors: those of io::read_zip, pickle::read_pickle and read_torch_tensors; not_found for a
///         storage that the archive lacks; mismatch for one of another size.
inline auto read_torch_zip(std::span<std::byte const> file) -> result<torch_contents>
{
    HAIGA_TRY(auto const archive, detail::torch_archive::over(file));
    HAIGA_TRY_VOID(detail::check_byte_order(archive));
    HAIGA_TRY(auto const text, archive.checked_bytes("data.pkl"));
    HAIGA_TRY(auto const parsed, pickle::read_pickle(text, is_torch_global));
    return read_torch_tensors(parsed.contents,
                              [&](storage_id const& id) -> result<std::span<std::byte const>> {
                                  HAIGA_TRY(auto const bytes, archive.bytes("data/" + id.key));
                                  if (bytes.size() != id.bytes || id.offset != 0) {
                                      return fail(errc::mismatch, "its storage ", id.key, " has ",
                                                  bytes.size(), " bytes, expected ", id.bytes);
                                  }
                                  return bytes;
                              });
}

} // namespace haiga::checkpoint
