#pragma once

#include "haiga/io/aside.hpp"
#include "haiga/io/file_system.hpp"

#include <filesystem>
#include <utility>

namespace haiga::io {

namespace detail {

/// A folder beside its target that goes away again unless it was renamed; locked while it is
/// filled.
class aside_folder {
public:
    static auto create(std::filesystem::path const& target) -> result<aside_folder>
    {
        auto name = aside_name(target);
        if (::mkdir(name.c_str(), 0777) != 0) {
            return fail_os(errno, target, "create");
        }
        aside_folder made(std::move(name));
        HAIGA_TRY(made.lock_, open_file(made.name_, O_RDONLY | O_DIRECTORY));
        if (::flock(made.lock_.number(), LOCK_EX | LOCK_NB) != 0) {
            return fail_os(errno, target, "lock");
        }
        return made;
    }

    aside_folder(aside_folder&& other) noexcept
        : name_(std::exchange(other.name_, {})), lock_(std::move(other.lock_))
    {
    }
    auto operator=(aside_folder&&) -> aside_folder& = delete;
    ~aside_folder()
    {
        if (std::error_code error; !name_.empty()) {
            std::filesystem::remove_all(name_, error);
        }
    }

    [[nodiscard]] auto name() const -> std::filesystem::path const& { return name_; }

    auto rename_to(std::filesystem::path const& target) -> result<>
    {
        HAIGA_TRY_VOID(local_files::rename(name_, target));
        name_.clear();
        return {};
    }

private:
    explicit aside_folder(std::filesystem::path name) : name_(std::move(name)) {}

    std::filesystem::path name_;
    descriptor lock_;
};

/// What killed processes left of the same folder.
inline void remove_stale_folders(std::filesystem::path const& target)
{
    std::error_code error;
    std::filesystem::directory_iterator entry(folder_of(target), error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        auto const name = entry->path().filename().string();
        if (!is_aside(entry->path()) ||
            name.substr(0, name.rfind(".tmp-")) != target.filename().string()) {
            continue;
        }
        auto const open = open_file(entry->path(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        if (open && ::flock(open->number(), LOCK_EX | LOCK_NB) == 0) {
            std::error_code ignored;
            std::filesystem::remove_all(entry->path(), ignored);
        }
    }
}

} // namespace detail

/// Makes a folder visible under its name only when all in it is whole and on disk: fill(folder)
/// makes it aside and syncs its files; then a rename, and a sync of the folder around it.
///
/// Law:    killed at any instant, there is nothing under the name, or the whole folder.
/// Errors: exists where something other than an empty folder has the name; those of fill; io.
///         After any of them nothing is left of it.
template <class Fill>
auto publish_folder(std::filesystem::path const& name, Fill&& fill) -> result<>
{
    auto const target = name.has_filename() ? name : name.parent_path(); // "folder/"
    std::error_code error;
    auto const there = std::filesystem::symlink_status(target, error);
    bool const empty =
        std::filesystem::is_directory(there) && std::filesystem::is_empty(target, error) && !error;
    if (std::filesystem::exists(there) && !empty) {
        return fail(errc::exists, target.string(), ": exists and is not an empty folder");
    }
    detail::remove_stale_folders(target);
    HAIGA_TRY(auto aside, detail::aside_folder::create(target));
    HAIGA_TRY_VOID(std::forward<Fill>(fill)(aside.name()));
    HAIGA_TRY_VOID(local_files::sync_folder(aside.name()));
    HAIGA_TRY_VOID(aside.rename_to(target)); // replaces an empty folder
    return local_files::sync_folder(folder_of(target));
}

} // namespace haiga::io
