#pragma once

#include "haiga/io/publish.hpp"

#include <filesystem>

namespace haiga::io {

/// Whether a file could be published under this name: asked before work that takes hours. The disk
/// may still be full when it is done.
/// Errors: those of creating a file there; io where the name is a folder's.
template <file_system Files = local_files>
auto check_writable(std::filesystem::path const& target, Files files = {}) -> result<>
{
    std::error_code error;
    if (std::filesystem::is_directory(target, error)) {
        return fail(errc::io, target.string(), ": cannot write: it is a folder");
    }
    return detail::aside_file<Files>::create(files, target).map([](auto const&) {});
}

} // namespace haiga::io
