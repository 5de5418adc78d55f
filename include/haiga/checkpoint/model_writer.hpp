#pragma once

#include "haiga/checkpoint/model_values.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/checkpoint/sharded_set.hpp"
#include "haiga/checkpoint/torch_writer.hpp"
#include "haiga/io/publish.hpp"

namespace haiga::checkpoint {

/// Called with the bytes of each piece that has been written or read back. Errors: cancelled.
using on_bytes = std::function<result<>(std::uint64_t)>;

/// A file of a model that is to be written.
struct output_file {
    std::filesystem::path name;
    std::vector<output_tensor> tensors;
    naming follows = naming::original;
    file_form form = file_form::safetensors;
    metadata_map metadata;
    std::size_t prefix = 0; ///< bytes of the tensors' names that the file leaves out: "unet/"

    [[nodiscard]] auto entries() const -> std::vector<tensor_entry>
    {
        std::vector<tensor_entry> all;
        for (auto const& tensor : tensors) {
            all.push_back(tensor.entry);
            all.back().name.erase(0, prefix);
        }
        return all;
    }

    [[nodiscard]] auto bytes() const -> std::uint64_t
    {
        std::uint64_t sum = 0;
        for (auto const& tensor : tensors) {
            sum += checked_bytes(tensor.entry.type, tensor.entry.dims).value_or(0);
        }
        return sum;
    }
};

namespace detail {

template <io::byte_sink Sink>
auto write_tensors(Sink& sink, output_file const& file, model_values const& values,
                   on_bytes const& passed) -> result<>
{
    auto const produce = [&](std::size_t i, auto& out) {
        return values.for_each_piece(file.tensors[i], file.follows,
                                     [&](auto piece, io::mapped_file const* from) -> result<> {
                                         HAIGA_TRY_VOID(from != nullptr
                                                            ? io::copy_part(out, *from, piece)
                                                            : out.write(piece));
                                         return passed(piece.size());
                                     });
    };
    auto const entries = file.entries();
    if (file.form != file_form::safetensors) {
        return write_torch(sink, entries, produce);
    }
    HAIGA_TRY(auto const plan, plan_safetensors(entries, file.metadata));
    return write_safetensors(sink, plan, produce);
}

/// The data of a tensor beside those that a file has for it.
struct comparison {
    std::span<std::byte const> found;
    bool equal = true;

    /// What of the file it was compared with.
    auto operator()(std::span<std::byte const> piece) -> std::span<std::byte const>
    {
        auto const n = std::min(piece.size(), found.size());
        auto const beside = found.first(n);
        equal = equal && n == piece.size() && std::memcmp(piece.data(), beside.data(), n) == 0;
        found = found.subspan(n);
        return beside;
    }
};

} // namespace detail

/// Reads a written file back and compares every tensor with what should be in it.
/// Errors: mismatch, naming the tensor; those of tensor_file.
inline auto check_written(std::filesystem::path const& name, output_file const& file,
                          model_values const& values, on_bytes const& passed) -> result<>
{
    HAIGA_TRY(auto const written, tensor_file::open(name));
    HAIGA_TRY(auto const found, named_tensors::over(written.tensors(), file.follows));
    if (written.tensors().size() != file.tensors.size()) {
        return fail(errc::mismatch, file.name.string(), ": ", written.tensors().size(),
                    " tensors were written of ", file.tensors.size());
    }
    for (auto const& tensor : file.tensors) {
        auto const own = tensor.entry.name.substr(file.prefix);
        auto const* const back = found.find(own);
        if (back == nullptr || back->type != tensor.entry.type || back->dims != tensor.entry.dims ||
            !back->is_dense()) {
            return fail(errc::mismatch, file.name.string(), ": \"", own, "\" was not written as ",
                        to_string(tensor.entry.type), ' ', tensor.entry.dims);
        }
        detail::comparison compare{back->bytes};
        auto const each = [&](std::span<std::byte const> piece, io::mapped_file const*) {
            io::forget_pages(compare(piece));
            return passed(piece.size());
        };
        HAIGA_TRY_VOID(values.for_each_piece(tensor, file.follows, each));
        if (!compare.equal || !compare.found.empty()) {
            return fail(errc::mismatch, file.name.string(), ": \"", own,
                        "\" does not read back as it was written");
        }
    }
    return {};
}

/// Writes a file of a model; it has its name once it is whole, on disk and, where that is asked
/// for, compared. Errors: those of the writers, of model_values, check_written, publish_checked.
inline auto write_model_file(output_file const& file, model_values const& values, bool verify,
                             on_bytes const& passed) -> result<>
{
    io::local_files files;
    return io::publish_checked(
        files, file.name,
        [&](io::byte_sink auto& sink) { return detail::write_tensors(sink, file, values, passed); },
        [&](std::filesystem::path const& aside) {
            return verify ? check_written(aside, file, values, passed) : result<>{};
        });
}

} // namespace haiga::checkpoint
