#pragma once

#include "haiga/base/result.hpp"

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace haiga::io {

/// What the operating system said, about one file: "out/a.png: cannot write: the disk is full".
inline auto fail_os(int number, std::filesystem::path const& file, std::string_view action)
    -> tl::unexpected<failure>
{
    auto const tell = [&](errc code, std::string_view reason) {
        return fail(code, file.string(), ": cannot ", action, ": ", reason);
    };
    switch (number) {
    case ENOSPC: return tell(errc::io, "the disk is full");
    case EDQUOT: return tell(errc::io, "the disk quota is used up");
    case ENOENT: return tell(errc::not_found, "no such file or folder");
    case EEXIST: return tell(errc::exists, "it is already there");
    case ENOMEM: return tell(errc::out_of_memory, "out of memory");
    default: return tell(errc::io, std::generic_category().message(number));
    }
}

} // namespace haiga::io
