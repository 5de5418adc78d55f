#pragma once

#include "haiga/io/file_sink.hpp"

#include <sys/file.h>

#include <filesystem>

namespace haiga::io {

/// What publishing a file asks of a file system; a test puts one in its place that fails.
///
/// create(file, name): a new, empty file, locked as long as its sink lives; errors call it `name`.
///                     Fails with errc::exists where there is one.
/// sync_folder(f):     the names in the folder survive a power cut.
template <class F>
concept file_system = byte_sink<typename F::sink> &&
    requires(F& files, std::filesystem::path const& file)
{
    {
        files.create(file, file)
        } -> std::same_as<result<typename F::sink>>;
    {
        files.rename(file, file)
        } -> std::same_as<result<>>;
    {
        files.remove(file)
        } -> std::same_as<result<>>;
    {
        files.sync_folder(file)
        } -> std::same_as<result<>>;
};

/// The file system of this machine.
struct local_files {
    using sink = file_sink;
    using path = std::filesystem::path;

    static auto create(path const& file, path const& name) -> result<file_sink>
    {
        int const number = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (number < 0) {
            return fail_os(errno, name, "create");
        }
        descriptor open(number);
        // The lock tells remove_stale_asides that somebody still writes here. Who removes files
        // may have come in between: then the name is gone, or the lock is taken.
        if (::flock(number, LOCK_EX | LOCK_NB) != 0) {
            auto const reason = errno;
            if (reason == EWOULDBLOCK) {
                return fail_os(EEXIST, name, "create");
            }
            ::unlink(file.c_str());
            return fail_os(reason, name, "lock"); // a file system that has no locks
        }
        struct stat about {};
        if (::fstat(number, &about) != 0 || about.st_nlink == 0) {
            return fail_os(EEXIST, name, "create");
        }
        return file_sink(std::move(open), name);
    }

    static auto rename(path const& from, path const& to) -> result<>
    {
        return ::rename(from.c_str(), to.c_str()) == 0 ? result<>{} : fail_os(errno, to, "create");
    }

    static auto remove(path const& file) -> result<>
    {
        return ::unlink(file.c_str()) == 0 ? result<>{} : fail_os(errno, file, "remove");
    }

    static auto sync_folder(path const& folder) -> result<>
    {
        HAIGA_TRY(auto const open, open_file(folder, O_RDONLY | O_DIRECTORY));
        // EINVAL: a file system that keeps no folders to be synced
        if (::fsync(open.number()) != 0 && errno != EINVAL) {
            return fail_os(errno, folder, "write");
        }
        return {};
    }
};

static_assert(file_system<local_files>);

} // namespace haiga::io
