#pragma once

#include "haiga/checkpoint/safetensors_header.hpp"
#include "haiga/io/mapped_file.hpp"
#include "haiga/tensor/view.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

namespace haiga::checkpoint {

static_assert(std::endian::native == std::endian::little, "the data are used where they lie");

/// A safetensors file, checked, its tensors where they lie: nothing is copied.
class safetensors_reader {
public:
    /// Over bytes that outlive the reader. Errors: those of read_safetensors_header.
    [[nodiscard]] static auto over(std::span<std::byte const> file) -> result<safetensors_reader>
    {
        HAIGA_TRY(auto header, read_safetensors_header(file));
        return safetensors_reader({}, file, std::move(header));
    }

    /// Over a file, mapped while the reader lives. Errors: also io, not_found; they name the file.
    [[nodiscard]] static auto open(std::filesystem::path const& file) -> result<safetensors_reader>
    {
        HAIGA_TRY(auto mapped, io::mapped_file::open(file));
        auto const bytes = mapped.bytes();
        HAIGA_TRY(auto header, read_safetensors_header(bytes).map_error([&](failure&& f) {
            return std::move(f).within(file.string());
        }));
        return safetensors_reader(std::move(mapped), bytes, std::move(header));
    }

    /// In the order of their data.
    [[nodiscard]] auto tensors() const -> std::span<tensor_entry const> { return header_.tensors; }
    [[nodiscard]] auto metadata() const -> metadata_map const& { return header_.metadata; }

    /// Null where there is none. Cost: a search through all; a loader goes through tensors() once.
    [[nodiscard]] auto find(std::string_view name) const -> tensor_entry const*
    {
        auto const at = std::ranges::find(header_.tensors, name, &tensor_entry::name);
        return at == header_.tensors.end() ? nullptr : &*at;
    }

    /// The data of one of tensors().
    [[nodiscard]] auto bytes(tensor_entry const& tensor) const -> std::span<std::byte const>
    {
        return file_.subspan(header_.data_offset + static_cast<std::size_t>(tensor.begin),
                             static_cast<std::size_t>(tensor.bytes()));
    }

    /// A tensor as an array of T. Errors: not_found; mismatch for another dtype; unsupported where
    /// the data are not aligned for T (a writer that keeps to the format's order aligns them).
    template <class T>
    [[nodiscard]] auto view(std::string_view name) const -> result<tensor_view<T const>>
    {
        auto const* const tensor = find(name);
        if (tensor == nullptr) {
            return fail(errc::not_found, "safetensors: \"", name, "\" is missing");
        }
        if (tensor->type != dtype_of<T>) {
            return fail(errc::mismatch, "safetensors: \"", name, "\": expected ",
                        to_string(dtype_of<T>), ", found ", to_string(tensor->type));
        }
        auto const* const data = bytes(*tensor).data();
        if (reinterpret_cast<std::uintptr_t>(data) % alignof(T) != 0) {
            return fail(errc::unsupported, "safetensors: \"", name, "\" is not aligned");
        }
        return tensor_view<T const>(reinterpret_cast<T const*>(data), tensor->dims);
    }

private:
    safetensors_reader(io::mapped_file mapped, std::span<std::byte const> file,
                       safetensors_header header)
        : mapped_(std::move(mapped)), file_(file), header_(std::move(header))
    {
    }

    io::mapped_file mapped_;
    std::span<std::byte const> file_;
    safetensors_header header_;
};

} // namespace haiga::checkpoint
