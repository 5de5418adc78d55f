#pragma once

#include "haiga/image/pixels.hpp"
#include "haiga/io/create_folders.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/write.hpp"
#include "haiga/optim/optimizer.hpp"
#include "haiga/train/history.hpp"
#include "haiga/train/recipe_json.hpp"
#include "haiga/train/session_file.hpp"

namespace haiga::train {

/// A folder that a training lives in:
///   recipe.json          what is trained and how; written once, last of what `create` writes
///   photos.safetensors   the prepared photographs
///   state.safetensors    everything after the last save; replaced as a whole
/// The later ones keep checksums of the earlier: files of two sessions do not go together.
///
/// Law: killed at any instant, the folder holds a recipe or none, and the last or the one before
///      last saved state, whole.
template <io::file_system Files = io::local_files>
class session {
public:
    struct saved_state {
        std::int64_t steps = 0;
        std::vector<stay> history; ///< where those steps were done; the last save's comes last
        session_file file;

        [[nodiscard]] auto environment() const -> train::environment const&
        {
            return history.back().where;
        }
    };

    /// Whether a session may be made there. Errors: exists where there is one, or a state of one.
    static auto check_free(std::filesystem::path const& folder) -> result<>
    {
        for (auto const* const name : {"recipe.json", "state.safetensors"}) {
            std::error_code error;
            if (std::filesystem::exists(folder / name, error)) {
                return fail(errc::exists, folder.string(), " holds a ", name, " already");
            }
        }
        return {};
    }

    /// Makes the folder. Errors: those of check_free; io.
    static auto create(std::filesystem::path folder, recipe const& r,
                       std::span<image::pixels const> photos, Files files = {}) -> result<session>
    {
        HAIGA_TRY_VOID(check_free(folder));
        HAIGA_TRY_VOID(io::create_folders(files, folder));
        auto const text = json::pretty(to_json(r));
        auto const bytes = as_bytes(std::string_view(text));
        session made(std::move(folder), r, files, crc64_text(bytes));
        HAIGA_TRY_VOID(made.write_photos(photos));
        HAIGA_TRY_VOID(io::publish_file(made.files_, made.file("recipe.json"),
                                        [&](auto& sink) { return sink.write(bytes); }));
        return made;
    }

    /// Errors: not_found where there is no session; those of read_recipe, naming the file; mismatch
    ///         for a recipe that is not the one that the photographs were prepared for.
    static auto open(std::filesystem::path folder, Files files = {}) -> result<session>
    {
        constexpr std::uint64_t most = 1 << 20;
        auto const file = folder / "recipe.json";
        HAIGA_TRY(auto const bytes, io::read_file(file, most));
        HAIGA_TRY(auto read, read_recipe(as_text(bytes)).map_error([&](failure&& f) {
            return std::move(f).within(file.string());
        }));
        session opened(std::move(folder), std::move(read), files, crc64_text(bytes));
        HAIGA_TRY(auto const photos, session_file::look_at(opened.file("photos.safetensors")));
        if (photos.text(recipe_key) != opened.recipe_sum_) {
            return fail(errc::mismatch, file.string(), ": is not the recipe that ", photos.name(),
                        " was prepared for");
        }
        opened.photos_sum_ = photos.text(crc64_key("photos"));
        static_cast<void>(io::remove_stale_asides(opened.folder_));
        return opened;
    }

    [[nodiscard]] auto settings() const -> recipe const& { return recipe_; }
    [[nodiscard]] auto folder() const -> std::filesystem::path const& { return folder_; }

    /// Errors: those of the reader; mismatch for other shapes or damaged bytes.
    [[nodiscard]] auto photos() const -> result<std::vector<image::pixels>>
    {
        HAIGA_TRY(auto const saved, session_file::open(file("photos.safetensors")));
        HAIGA_TRY(auto const all, saved.template view<std::uint8_t>("photos"));
        auto const size = recipe_.model.size;
        auto const n = all.shape().rank() == 4 ? all.shape()[0] : 0;
        if (n < 1 || all.shape() != haiga::shape{n, size, size, 3}) {
            return fail(errc::mismatch, saved.name(), ": expected [n, ", size, ", ", size,
                        ", 3], found ", all.shape());
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

    /// Replaces the state; an environment that is another than the last save's is noted in its
    /// history. Errors: those of the file system; the earlier state then remains.
    auto save(std::int64_t steps, environment const& e, std::span<optim::state_part const> parts,
              std::span<float const> losses) -> result<>
    {
        std::vector<checkpoint::named_tensor> tensors;
        for (auto const& part : parts) {
            tensors.push_back({std::string(part.name), flat(part.values)});
        }
        tensors.push_back({"losses", flat(losses)});
        note(e);
        HAIGA_TRY_VOID(write_session_file(files_, file("state.safetensors"), tensors,
                                          {{"steps", concat(steps)},
                                           {"history", history_text(history_)},
                                           {recipe_key, recipe_sum_},
                                           {photos_key, photos_sum_}}));
        saved_steps_ = steps;
        return {};
    }

    /// The last saved state, checked; nothing before the first save.
    /// Errors: those of the reader; mismatch for the state of another session; invalid.
    [[nodiscard]] auto state() const -> result<std::optional<saved_state>>
    {
        auto const path = file("state.safetensors");
        std::error_code error;
        if (!std::filesystem::exists(path, error) && !error) {
            return std::nullopt;
        }
        HAIGA_TRY(auto saved, session_file::open(path));
        for (auto const& [key, expected, name] :
             {std::tuple(recipe_key, recipe_sum_, "recipe.json"),
              std::tuple(photos_key, photos_sum_, "photos.safetensors")}) {
            if (saved.text(key) != expected) {
                return fail(errc::mismatch, path.string(), ": was not saved with this ", name);
            }
        }
        auto const steps = saved.number("steps");
        if (!steps || *steps > recipe_.steps) {
            return fail(errc::invalid, path.string(), ": its metadata lack steps, or tell of more ",
                        "steps than the recipe has");
        }
        HAIGA_TRY(auto history, history_from(saved.text("history")).map_error([&](failure&& f) {
            return std::move(f).within(path.string() + ": history");
        }));
        return saved_state{*steps, std::move(history), std::move(saved)};
    }

    /// Copies a state into the buffers it was saved from, and returns the losses.
    /// Errors: not_found, mismatch for sizes; then nothing is copied.
    [[nodiscard]] auto restore(saved_state const& s, std::span<optim::state_part const> parts) const
        -> result<std::vector<float>>
    {
        HAIGA_TRY(auto const losses, s.file.floats("losses", s.steps));
        std::vector<std::span<float const>> saved;
        for (auto const& part : parts) {
            HAIGA_TRY(auto const values, s.file.floats(part.name, std::ssize(part.values)));
            saved.push_back(values);
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            std::ranges::copy(saved[i], parts[i].values.begin());
        }
        return std::vector<float>(losses.begin(), losses.end());
    }

private:
    static constexpr char const* recipe_key = "recipe crc64";
    static constexpr char const* photos_key = "photos crc64";

    session(std::filesystem::path folder, recipe r, Files files, std::string recipe_sum)
        : folder_(std::move(folder)), recipe_(std::move(r)), files_(files),
          recipe_sum_(std::move(recipe_sum))
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
        photos_sum_ = crc64_text(std::as_bytes(std::span(all)));
        checkpoint::named_tensor const tensor{
            "photos",
            tensor_view<std::uint8_t const>(all.data(), {std::ssize(photos), size, size, 3})};
        return write_session_file(files_, file("photos.safetensors"), {&tensor, 1},
                                  {{recipe_key, recipe_sum_}});
    }

    /// Adds to the history, which begins with that of the state that is there.
    void note(environment const& e)
    {
        if (history_.empty()) {
            if (auto const before = state(); before && *before) { // else it is replaced
                history_ = (*before)->history;
                saved_steps_ = (*before)->steps;
            }
        }
        if (history_.empty() || history_.back().where != e) {
            history_.push_back({saved_steps_, e});
        }
    }

    std::filesystem::path folder_;
    recipe recipe_;
    Files files_;
    std::string recipe_sum_, photos_sum_; ///< crc64
    std::vector<stay> history_;           ///< of the last save; read or made by the first of here
    std::int64_t saved_steps_ = 0;
};

} // namespace haiga::train
