#pragma once

#include "haiga/base/checksum.hpp"
#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/image/pixels.hpp"
#include "haiga/io/publish.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/json/write.hpp"
#include "haiga/optim/optimizer.hpp"
#include "haiga/train/environment.hpp"
#include "haiga/train/recipe_json.hpp"

namespace haiga::train {

/// A folder that a training lives in:
///   recipe.json          what is trained and how; written once, last of what `create` writes
///   photos.safetensors   the prepared photographs
///   state.safetensors    everything after the last save; replaced as a whole
///
/// Law: killed at any instant, the folder holds a recipe or none, and the last or the one before
///      last saved state, whole.
template <io::file_system Files = io::local_files>
class session {
public:
    struct saved_state {
        std::int64_t steps = 0;
        train::environment environment;
        checkpoint::safetensors_reader file;
    };

    /// Makes the folder. Errors: exists where it holds a session; io.
    static auto create(std::filesystem::path folder, recipe const& r,
                       std::span<image::pixels const> photos, Files files = {}) -> result<session>
    {
        session made(std::move(folder), r, files);
        std::error_code error;
        for (auto const* const name : {"recipe.json", "state.safetensors"}) {
            if (std::filesystem::exists(made.file(name), error)) {
                return fail(errc::exists, made.folder_.string(), " holds a ", name, " already");
            }
        }
        std::filesystem::create_directories(made.folder_, error);
        if (error) {
            return fail(errc::io, made.folder_.string(), ": ", error.message());
        }
        HAIGA_TRY_VOID(made.write_photos(photos));
        auto const text = json::pretty(to_json(r));
        HAIGA_TRY_VOID(made.publish("recipe.json", [&](auto& sink) {
            return sink.write(as_bytes(std::string_view(text)));
        }));
        return made;
    }

    /// Errors: not_found where there is no session; those of recipe_from_json, naming the file.
    static auto open(std::filesystem::path folder, Files files = {}) -> result<session>
    {
        constexpr std::uint64_t most = 1 << 20;
        auto const file = folder / "recipe.json";
        HAIGA_TRY(auto const bytes, io::read_file(file, most));
        auto read = [&]() -> result<recipe> {
            HAIGA_TRY(auto const value, json::parse(as_text(bytes)));
            HAIGA_TRY(auto const object, json::as<boost::json::object>(value));
            return recipe_from_json(object);
        }();
        if (!read) {
            return tl::unexpected(std::move(read).error().within(file.string()));
        }
        static_cast<void>(io::remove_stale_asides(folder));
        return session(std::move(folder), *std::move(read), files);
    }

    [[nodiscard]] auto settings() const -> recipe const& { return recipe_; }
    [[nodiscard]] auto folder() const -> std::filesystem::path const& { return folder_; }

    /// Errors: those of the reader; mismatch for other shapes or damaged bytes.
    [[nodiscard]] auto photos() const -> result<std::vector<image::pixels>>
    {
        HAIGA_TRY(auto const reader,
                  checkpoint::safetensors_reader::open(file("photos.safetensors")));
        HAIGA_TRY_VOID(verify(reader, "photos.safetensors"));
        HAIGA_TRY(auto const all, view<std::uint8_t>(reader, "photos.safetensors", "photos"));
        auto const size = recipe_.model.size;
        auto const n = all.shape().rank() == 4 ? all.shape()[0] : 0;
        if (n < 1 || all.shape() != haiga::shape{n, size, size, 3}) {
            return fail(errc::mismatch, file("photos.safetensors").string(), ": expected [n, ",
                        size, ", ", size, ", 3], found ", all.shape());
        }
        std::vector<image::pixels> photos;
        for (std::int64_t i = 0; i < n; ++i) {
            image::pixels photo(static_cast<int>(size), static_cast<int>(size), 3);
            std::copy_n(all.data() + i * size * size * 3, photo.values.size(),
                        photo.values.begin());
            photos.push_back(std::move(photo));
        }
        return photos;
    }

    /// Replaces the state. Errors: those of the file system; the earlier state then remains.
    auto save(std::int64_t steps, environment const& e, std::span<optim::state_part const> parts,
              std::span<float const> losses) -> result<>
    {
        std::vector<checkpoint::named_tensor> tensors;
        for (auto const& part : parts) {
            tensors.push_back({std::string(part.name), flat(part.values)});
        }
        tensors.push_back({"losses", flat(losses)});
        return write("state.safetensors", tensors,
                     {{"steps", concat(steps)},
                      {"backend", e.backend},
                      {"instructions", e.instructions},
                      {"compiler", e.compiler},
                      {"threads", concat(e.threads)}});
    }

    /// The last saved state, checked; nothing before the first save.
    [[nodiscard]] auto state() const -> result<std::optional<saved_state>>
    {
        auto const path = file("state.safetensors");
        std::error_code error;
        if (!std::filesystem::exists(path, error) && !error) {
            return std::nullopt;
        }
        HAIGA_TRY(auto reader, checkpoint::safetensors_reader::open(path));
        HAIGA_TRY_VOID(verify(reader, "state.safetensors"));
        saved_state s{0, {}, std::move(reader)};
        auto const steps = number(s.file, "steps");
        auto const threads = number(s.file, "threads");
        if (!steps || !threads || *steps > recipe_.steps) {
            return fail(errc::invalid, path.string(), ": its metadata lack steps or threads, or ",
                        "tell of more steps than the recipe has");
        }
        s.steps = *steps;
        s.environment = {text(s.file, "backend"), text(s.file, "instructions"),
                         text(s.file, "compiler"), *threads};
        return s;
    }

    /// Copies a state into the buffers it was saved from, and returns the losses.
    /// Errors: not_found, mismatch for sizes; then nothing is copied.
    [[nodiscard]] auto restore(saved_state const& s, std::span<optim::state_part const> parts) const
        -> result<std::vector<float>>
    {
        constexpr auto name = "state.safetensors";
        HAIGA_TRY(auto const losses, floats(s.file, name, "losses", s.steps));
        std::vector<std::span<float const>> saved;
        for (auto const& part : parts) {
            HAIGA_TRY(auto const values, floats(s.file, name, part.name, std::ssize(part.values)));
            saved.push_back(values);
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            std::ranges::copy(saved[i], parts[i].values.begin());
        }
        return std::vector<float>(losses.begin(), losses.end());
    }

private:
    session(std::filesystem::path folder, recipe r, Files files)
        : folder_(std::move(folder)), recipe_(std::move(r)), files_(files)
    {
    }

    [[nodiscard]] auto file(char const* name) const -> std::filesystem::path
    {
        return folder_ / name;
    }

    static auto flat(std::span<float const> values) -> any_view
    {
        return tensor_view<float const>(values.data(), {std::ssize(values)});
    }

    auto write_photos(std::span<image::pixels const> photos) -> result<>
    {
        auto const size = recipe_.model.size;
        std::vector<std::uint8_t> all;
        for (auto const& photo : photos) {
            HAIGA_CHECK(photo.width == size && photo.height == size && photo.channels == 3);
            all.insert(all.end(), photo.values.begin(), photo.values.end());
        }
        checkpoint::named_tensor const tensor{
            "photos",
            tensor_view<std::uint8_t const>(all.data(), {std::ssize(photos), size, size, 3})};
        return write("photos.safetensors", {&tensor, 1}, {});
    }

    /// Writes tensors and, in the metadata, a checksum of their bytes.
    auto write(char const* name, std::span<checkpoint::named_tensor const> tensors,
               checkpoint::metadata_map metadata) -> result<>
    {
        for (auto const& tensor : tensors) {
            crc64 sum;
            sum.add({static_cast<std::byte const*>(tensor.values.data()), tensor.values.bytes()});
            metadata["crc64 " + tensor.name] = concat(sum.value());
        }
        return publish(name, [&](auto& sink) {
            return checkpoint::write_safetensors(sink, tensors, metadata);
        });
    }

    [[nodiscard]] auto verify(checkpoint::safetensors_reader const& reader, char const* name) const
        -> result<>
    {
        for (auto const& tensor : reader.tensors()) {
            crc64 sum;
            sum.add(reader.bytes(tensor));
            if (text(reader, "crc64 " + tensor.name) != concat(sum.value())) {
                return fail(errc::mismatch, file(name).string(), ": the bytes of \"", tensor.name,
                            "\" are not those that were saved");
            }
        }
        return {};
    }

    template <class T>
    [[nodiscard]] auto view(checkpoint::safetensors_reader const& reader, char const* name,
                            std::string_view tensor) const -> result<tensor_view<T const>>
    {
        return reader.template view<T>(tensor).map_error(
            [&](failure&& f) { return std::move(f).within(file(name).string()); });
    }

    [[nodiscard]] auto floats(checkpoint::safetensors_reader const& reader, char const* name,
                              std::string_view tensor, std::int64_t count) const
        -> result<std::span<float const>>
    {
        HAIGA_TRY(auto const values, view<float>(reader, name, tensor));
        if (values.elements() != count) {
            return fail(errc::mismatch, file(name).string(), ": \"", tensor, "\" has ",
                        values.elements(), " elements, expected ", count);
        }
        return values.flat();
    }

    static auto text(checkpoint::safetensors_reader const& reader, std::string const& key)
        -> std::string
    {
        auto const at = reader.metadata().find(key);
        return at == reader.metadata().end() ? std::string() : at->second;
    }

    static auto number(checkpoint::safetensors_reader const& reader, std::string const& key)
        -> std::optional<std::int64_t>
    {
        auto const digits = text(reader, key);
        std::int64_t value = 0;
        auto const* const end = digits.data() + digits.size();
        auto const [stop, error] = std::from_chars(digits.data(), end, value);
        return error == std::errc{} && stop == end && value >= 0 ? std::optional(value)
                                                                 : std::nullopt;
    }

    template <class Writer>
    auto publish(char const* name, Writer const& write) -> result<>
    {
        return io::publish_file(files_, file(name), write);
    }

    std::filesystem::path folder_;
    recipe recipe_;
    Files files_;
};

} // namespace haiga::train
