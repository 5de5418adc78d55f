#pragma once

#include "haiga/io/descriptor.hpp"

#include <sys/file.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <string_view>

namespace haiga::io {

inline auto folder_of(std::filesystem::path const& file) -> std::filesystem::path
{
    auto const parent = file.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
}

/// A name beside target that no other thread or living process uses: target.tmp-PID-COUNT.
inline auto aside_name(std::filesystem::path const& target) -> std::filesystem::path
{
    static std::atomic<unsigned> count{0};
    auto name = target;
    name += concat(".tmp-", ::getpid(), '-', count++);
    return name;
}

/// Whether a name has the form that aside_name gives.
inline auto is_aside(std::filesystem::path const& file) -> bool
{
    auto const name = file.filename().string();
    auto const mark = name.rfind(".tmp-");
    if (mark == std::string::npos || mark == 0) {
        return false;
    }
    auto const tail = std::string_view(name).substr(mark + 5);
    auto const dash = tail.find('-');
    auto const number = [](std::string_view text) {
        return !text.empty() &&
               std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    };
    return dash != std::string_view::npos && number(tail.substr(0, dash)) &&
           number(tail.substr(dash + 1));
}

/// Removes what killed processes left in a folder, or only what they left of the file called `of`,
/// and tells how many. A file that somebody still writes is locked and stays.
/// Errors: not_found, io when the folder cannot be listed.
inline auto remove_stale_asides(std::filesystem::path const& folder,
                                std::filesystem::path const& of = {}) -> result<int>
{
    auto const wanted = [&](std::filesystem::path const& file) {
        auto const name = file.filename().string();
        return is_aside(file) && (of.empty() || name.substr(0, name.rfind(".tmp-")) == of.string());
    };
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    int removed = 0;
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        if (!wanted(entry->path())) {
            continue;
        }
        auto const open = open_file(entry->path(), O_RDONLY | O_NOFOLLOW);
        if (open && ::flock(open->number(), LOCK_EX | LOCK_NB) == 0 &&
            ::unlink(entry->path().c_str()) == 0) {
            ++removed;
        }
    }
    if (error) {
        return fail_os(error.value(), folder, "list");
    }
    return removed;
}

} // namespace haiga::io
