#pragma once

#include "haiga/io/aside.hpp"
#include "haiga/io/file_system.hpp"

#include <filesystem>
#include <vector>

namespace haiga::io {

/// Makes a folder, and those above it that are missing; their names survive a power cut.
/// Errors: those of fail_os, naming the folder; those of files.sync_folder.
template <file_system Files>
auto create_folders(Files& files, std::filesystem::path const& folder) -> result<>
{
    std::error_code error;
    std::vector<std::filesystem::path> holders; // of names that will be new, the innermost first
    for (auto at = folder; !at.empty() && !std::filesystem::exists(at, error);
         at = at.parent_path()) {
        holders.push_back(folder_of(at));
    }
    std::filesystem::create_directories(folder, error);
    if (error) {
        return fail_os(error.value(), folder, "create");
    }
    for (auto const& holder : holders) {
        HAIGA_TRY_VOID(files.sync_folder(holder));
    }
    return {};
}

} // namespace haiga::io
