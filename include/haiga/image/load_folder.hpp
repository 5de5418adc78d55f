#pragma once

#include "haiga/image/crop.hpp"
#include "haiga/image/decode.hpp"
#include "haiga/image/resize.hpp"
#include "haiga/io/read_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <concepts>
#include <filesystem>
#include <new>
#include <string>
#include <vector>

namespace haiga::image {

struct load_options {
    int size = 64; ///< side of the prepared squares, in pixels
    /// Smallest side that is accepted; half of size by default: nothing is enlarged more than
    /// twice.
    int min_side = (size + 1) / 2;
    std::int64_t max_pixels = decode_limits{}.max_pixels;
    std::uint64_t max_file_bytes = std::uint64_t{1} << 28;
};

struct photo {
    std::string name; ///< of its file, without the folder
    pixels picture;   ///< [size, size, 3]
};

/// What came out of a folder. A failure is one line that names the file and what is wrong with it.
struct photo_set {
    std::vector<photo> photos;
    std::vector<failure> failures;
};

/// A photograph ready for training: decoded, upright, cut to a square, resized.
/// Errors: those of read_file and decode, naming the file.
template <crop_chooser Chooser = centre_crop, resampling_filter Filter = lanczos3>
auto load_photo(std::filesystem::path const& file, load_options const& options,
                Chooser const& chooser = {}, Filter const& filter = {}) -> result<pixels>
try {
    HAIGA_CHECK(options.size > 0);
    HAIGA_TRY(auto const bytes, io::read_file(file, options.max_file_bytes));
    auto const picture = decode(bytes, {options.max_pixels, options.min_side});
    if (!picture) {
        return tl::unexpected(failure(picture.error()).within(file.string()));
    }
    return resize(square_crop(*picture, chooser), options.size, options.size, filter);
} catch (std::bad_alloc const&) {
    return fail(errc::out_of_memory, file.string(), ": no memory to read it");
}

namespace detail {

/// Captions and notes that lie beside photographs, and hidden files, are not photographs.
inline auto may_be_photo(std::filesystem::path const& file) -> bool
{
    auto extension = file.extension().string();
    std::ranges::transform(extension, extension.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 6> others = {".txt", ".md",   ".json",
                                                        ".csv", ".yaml", ".caption"};
    return !file.filename().string().starts_with('.') &&
           std::ranges::find(others, extension) == others.end();
}

inline auto list_photos(std::filesystem::path const& folder)
    -> result<std::vector<std::filesystem::path>>
{
    std::vector<std::filesystem::path> files;
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        std::error_code ignored; // a dangling link is reported when it is read
        if (!entry->is_directory(ignored) && may_be_photo(entry->path())) {
            files.push_back(entry->path());
        }
    }
    if (error) {
        return io::fail_os(error.value(), folder, "list");
    }
    std::ranges::sort(files);
    return files;
}

/// One line, however many files were refused.
inline auto none_usable(std::filesystem::path const& folder, std::vector<failure> const& failures)
    -> tl::unexpected<failure>
{
    if (failures.empty()) {
        return fail(errc::not_found, folder.string(), ": there are no photographs in this folder");
    }
    auto const more = failures.size() - 1;
    return fail(failures.front().code, folder.string(),
                ": no photograph can be used: ", failures.front().to_string(),
                more == 0 ? "" : concat("; and ", more, " more"));
}

} // namespace detail

struct tell_nobody {
    void operator()(failure const&) const {}
};

/// Prepares the photographs of a folder (not of folders inside it), sorted by name. A file that is
/// no usable photograph goes to the failures and the others go on.
///
/// told(failure): called for each file that is refused, also where none is good.
/// Errors: not_found and io for the folder; when no photograph is good, why the first was refused.
/// Cost:   one decoded photograph in memory at a time.
template <crop_chooser Chooser = centre_crop, resampling_filter Filter = lanczos3,
          std::invocable<failure const&> Told = tell_nobody>
auto load_folder(std::filesystem::path const& folder, load_options const& options,
                 Chooser const& chooser = {}, Filter const& filter = {}, Told const& told = {})
    -> result<photo_set>
{
    HAIGA_TRY(auto const files, detail::list_photos(folder));
    photo_set set;
    for (auto const& file : files) {
        auto picture = load_photo(file, options, chooser, filter);
        if (picture) {
            set.photos.push_back({file.filename().string(), *std::move(picture)});
        } else {
            told(picture.error());
            set.failures.push_back(std::move(picture).error());
        }
    }
    if (set.photos.empty()) {
        return detail::none_usable(folder, set.failures);
    }
    return set;
}

} // namespace haiga::image
