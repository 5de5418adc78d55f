#pragma once

#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/torch_reader.hpp"

#include <variant>

namespace haiga::checkpoint {

/// How a file of tensors is written.
enum class file_form : std::uint8_t { safetensors, torch_zip, torch_legacy };

constexpr auto to_string(file_form form) -> std::string_view
{
    constexpr std::string_view names[] = {"safetensors", "torch (zip)", "torch (before 1.6)"};
    return names[static_cast<std::size_t>(form)];
}

/// The form of a file, from its first bytes and never from its name. What is none of the others is
/// taken for safetensors, whose reader says what is wrong with it.
inline auto form_of(std::span<std::byte const> file) -> file_form
{
    auto const text = as_text(file);
    return text.starts_with("PK\3\4")             ? file_form::torch_zip
           : text.starts_with(torch_legacy_magic) ? file_form::torch_legacy
                                                  : file_form::safetensors;
}

/// A file of tensors of any form, mapped; the tensors are where they lie in it.
class tensor_file {
public:
    /// Errors: those of safetensors_reader and torch_reader.
    [[nodiscard]] static auto open(std::filesystem::path const& name) -> result<tensor_file>
    {
        HAIGA_TRY(auto mapped, io::mapped_file::open(name));
        HAIGA_TRY(auto file, read(mapped.bytes()).map_error([&](failure&& f) {
            return std::move(f).within(name.string());
        }));
        file.mapped_ = std::move(mapped);
        return file;
    }

    [[nodiscard]] auto mapped() const -> io::mapped_file const& { return mapped_; }
    [[nodiscard]] auto form() const -> file_form { return form_; }
    [[nodiscard]] auto tensors() const -> std::span<stored_tensor const> { return tensors_; }
    [[nodiscard]] auto metadata() const -> metadata_map const& { return metadata_; }

    /// Names of what a torch file holds beside tensors.
    [[nodiscard]] auto others() const -> std::span<std::string const> { return others_; }

private:
    static auto read(std::span<std::byte const> bytes) -> result<tensor_file>
    {
        tensor_file file;
        file.form_ = form_of(bytes);
        if (file.form_ == file_form::safetensors) {
            HAIGA_TRY(auto const reader, safetensors_reader::over(bytes));
            for (auto const& t : reader.tensors()) {
                file.tensors_.push_back(
                    {t.name, t.type, t.dims, dense_strides(t.dims), reader.bytes(t)});
            }
            file.metadata_ = reader.metadata();
            return file;
        }
        HAIGA_TRY(auto const reader, torch_reader::over(bytes));
        file.tensors_.assign(reader.tensors().begin(), reader.tensors().end());
        file.others_ = reader.contents().others;
        return file;
    }

    io::mapped_file mapped_;
    file_form form_ = file_form::safetensors;
    std::vector<stored_tensor> tensors_;
    metadata_map metadata_;
    std::vector<std::string> others_;
};

} // namespace haiga::checkpoint
