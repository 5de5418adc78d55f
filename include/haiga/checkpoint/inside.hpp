#pragma once

#include "haiga/io/os_error.hpp"

#include <algorithm>

namespace haiga::checkpoint {

/// Whether what a path in a folder stands for, past symbolic links, lies in the folder. The cache
/// of the Hugging Face hub, snapshots/<revision>/, may link to its blobs/ beside it. Errors:
/// invalid for a link that leads out; not_found.
inline auto check_inside(std::filesystem::path const& folder, std::filesystem::path const& file)
    -> result<>
{
    using std::filesystem::path;
    std::error_code error;
    auto const real = std::filesystem::canonical(file, error);
    auto const root = error ? path() : std::filesystem::canonical(folder, error);
    if (error) {
        return io::fail_os(error.value(), file, "open");
    }
    auto const holds = [&](path const& outer) {
        return std::ranges::mismatch(outer, real).in1 == outer.end();
    };
    auto snapshots = root; // the innermost folder of that name
    while (snapshots.has_relative_path() && snapshots.filename() != "snapshots") {
        snapshots = snapshots.parent_path();
    }
    bool const in_cache = snapshots.has_relative_path();
    if (!holds(root) && !(in_cache && holds(snapshots.parent_path() / "blobs"))) {
        return fail(errc::invalid, file.string(), ": a link that leads out of the folder, to ",
                    real.string());
    }
    return {};
}

/// Whether a text may be the name of one file or folder, and leads nowhere else.
inline auto is_plain_name(std::string_view name) -> bool
{
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

/// A file of a model's folder by the name that the folder itself gives, as in an index: that of a
/// file beside it, no path. Errors: invalid for another name; those of check_inside.
inline auto file_inside(std::filesystem::path const& folder, std::string_view name)
    -> result<std::filesystem::path>
{
    if (!is_plain_name(name)) {
        return fail(errc::invalid, folder.string(), ": \"", name, "\" is not the name of a file");
    }
    HAIGA_TRY_VOID(check_inside(folder, folder / name));
    return folder / name;
}

} // namespace haiga::checkpoint
