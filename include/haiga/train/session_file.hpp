#pragma once

#include "haiga/base/checksum.hpp"
#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/io/publish.hpp"

#include <charconv>
#include <optional>

namespace haiga::train {

inline auto crc64_text(std::span<std::byte const> bytes) -> std::string
{
    crc64 sum;
    sum.add(bytes);
    return concat(sum.value());
}

/// Where the metadata of a session's file keep the checksum of a tensor's bytes.
inline auto crc64_key(std::string_view tensor) -> std::string { return concat("crc64 ", tensor); }

inline constexpr char const* metadata_key = "metadata crc64";

/// Of all metadata but itself.
inline auto crc64_of(checkpoint::metadata_map const& metadata) -> std::string
{
    crc64 sum;
    for (auto const& [key, value] : metadata) {
        if (key != metadata_key) {
            auto const entry = concat(key, '\0', value, '\0');
            sum.add(as_bytes(std::string_view(entry)));
        }
    }
    return concat(sum.value());
}

/// A safetensors file of a session, whose tensors are those that were saved. Failures name it.
class session_file {
public:
    /// Reads names and metadata only. Errors: those of the reader.
    static auto look_at(std::filesystem::path file) -> result<session_file>
    {
        HAIGA_TRY(auto reader, checkpoint::safetensors_reader::open(file));
        return session_file(std::move(file), std::move(reader));
    }

    /// Errors: also mismatch for bytes or metadata that are not those that were saved.
    static auto open(std::filesystem::path file) -> result<session_file>
    {
        HAIGA_TRY(auto opened, look_at(std::move(file)));
        for (auto const& tensor : opened.reader_.tensors()) {
            if (opened.text(crc64_key(tensor.name)) != crc64_text(opened.reader_.bytes(tensor))) {
                return fail(errc::mismatch, opened.name(), ": the bytes of \"", tensor.name,
                            "\" are not those that were saved");
            }
        }
        if (opened.text(metadata_key) != crc64_of(opened.reader_.metadata())) {
            return fail(errc::mismatch, opened.name(), ": its metadata are not what was saved");
        }
        return opened;
    }

    [[nodiscard]] auto name() const -> std::string { return file_.string(); }

    template <class T>
    [[nodiscard]] auto view(std::string_view tensor) const -> result<tensor_view<T const>>
    {
        return reader_.view<T>(tensor).map_error(
            [&](failure&& f) { return std::move(f).within(name()); });
    }

    [[nodiscard]] auto floats(std::string_view tensor, std::int64_t count) const
        -> result<std::span<float const>>
    {
        HAIGA_TRY(auto const values, view<float>(tensor));
        if (values.elements() != count) {
            return fail(errc::mismatch, name(), ": \"", tensor, "\" has ", values.elements(),
                        " elements, expected ", count);
        }
        return values.flat();
    }

    /// Of the metadata; empty where there is none.
    [[nodiscard]] auto text(std::string const& key) const -> std::string
    {
        auto const at = reader_.metadata().find(key);
        return at == reader_.metadata().end() ? std::string() : at->second;
    }

    /// Of the metadata; nothing where there is no number from 0 on.
    [[nodiscard]] auto number(std::string const& key) const -> std::optional<std::int64_t>
    {
        auto const digits = text(key);
        std::int64_t value = 0;
        auto const* const end = digits.data() + digits.size();
        auto const [stop, error] = std::from_chars(digits.data(), end, value);
        return error == std::errc{} && stop == end && value >= 0 ? std::optional(value)
                                                                 : std::nullopt;
    }

private:
    session_file(std::filesystem::path file, checkpoint::safetensors_reader reader)
        : file_(std::move(file)), reader_(std::move(reader))
    {
    }

    std::filesystem::path file_;
    checkpoint::safetensors_reader reader_;
};

/// Writes tensors and, in the metadata, a checksum of their bytes.
template <io::file_system Files>
auto write_session_file(Files& files, std::filesystem::path const& file,
                        std::span<checkpoint::named_tensor const> tensors,
                        checkpoint::metadata_map metadata) -> result<>
{
    for (auto const& [name, values] : tensors) {
        metadata[crc64_key(name)] =
            crc64_text({static_cast<std::byte const*>(values.data()), values.bytes()});
    }
    metadata[metadata_key] = crc64_of(metadata);
    return io::publish_file(files, file, [&](auto& sink) {
        return checkpoint::write_safetensors(sink, tensors, metadata);
    });
}

} // namespace haiga::train
