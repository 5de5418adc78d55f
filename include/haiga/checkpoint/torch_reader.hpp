#pragma once

#include "haiga/checkpoint/torch_legacy.hpp"
#include "haiga/checkpoint/torch_zip.hpp"
#include "haiga/io/mapped_file.hpp"

namespace haiga::checkpoint {

/// Whether bytes begin as a torch file of either form does.
inline auto is_torch_file(std::span<std::byte const> file) -> bool
{
    return as_text(file).starts_with("PK\3\4") || as_text(file).starts_with(torch_legacy_magic);
}

/// A torch file, checked, its tensors where they lie. Nothing in it is executed.
class torch_reader {
public:
    /// Over bytes that outlive the reader. Errors: those of read_torch_zip and read_torch_legacy.
    [[nodiscard]] static auto over(std::span<std::byte const> file) -> result<torch_reader>
    {
        auto const read = as_text(file).starts_with("PK") ? read_torch_zip : read_torch_legacy;
        HAIGA_TRY(auto contents, read(file).map_error([](failure&& f) {
            return std::move(f).within("torch file");
        }));
        return torch_reader({}, std::move(contents));
    }

    /// Over a file, mapped while the reader lives. Errors: also io, not_found; they name the file.
    [[nodiscard]] static auto open(std::filesystem::path const& file) -> result<torch_reader>
    {
        HAIGA_TRY(auto mapped, io::mapped_file::open(file));
        HAIGA_TRY(auto reader, over(mapped.bytes()).map_error([&](failure&& f) {
            return std::move(f).within(file.string());
        }));
        reader.mapped_ = std::move(mapped);
        return reader;
    }

    /// In the order of the file.
    [[nodiscard]] auto tensors() const -> std::span<stored_tensor const>
    {
        return contents_.tensors;
    }
    [[nodiscard]] auto contents() const -> torch_contents const& { return contents_; }

private:
    torch_reader(io::mapped_file mapped, torch_contents contents)
        : mapped_(std::move(mapped)), contents_(std::move(contents))
    {
    }

    io::mapped_file mapped_;
    torch_contents contents_;
};

} // namespace haiga::checkpoint
