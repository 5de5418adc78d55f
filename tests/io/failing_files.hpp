#pragma once

#include "haiga/io/file_system.hpp"

#include <limits>
#include <string>
#include <vector>

namespace haiga_test {

/// Counts what is done to files and lets one step fail.
struct failing_step {
    int fails_at = std::numeric_limits<int>::max();
    std::vector<std::string> steps; ///< so far

    auto take(std::string const& step) -> haiga::result<>
    {
        steps.push_back(step);
        if (static_cast<int>(steps.size()) - 1 == fails_at) {
            return haiga::fail(haiga::errc::io, "the test fails this ", step);
        }
        return {};
    }
};

template <haiga::io::byte_sink Sink>
struct failing_sink {
    failing_step* script;
    Sink sink;

    auto write(std::span<std::byte const> bytes) -> haiga::result<>
    {
        HAIGA_TRY_VOID(script->take("write"));
        return sink.write(bytes);
    }
    auto sync() -> haiga::result<>
    {
        HAIGA_TRY_VOID(script->take("sync"));
        return sink.sync();
    }
};

/// This machine's files, except that the step number `fails_at` fails.
struct failing_files {
    using sink = failing_sink<haiga::io::file_sink>;
    using path = std::filesystem::path;

    failing_step script;

    auto create(path const& file, path const& name) -> haiga::result<sink>
    {
        HAIGA_TRY_VOID(script.take("create"));
        HAIGA_TRY(auto opened, haiga::io::local_files::create(file, name));
        return sink{&script, std::move(opened)};
    }
    auto rename(path const& from, path const& to) -> haiga::result<>
    {
        HAIGA_TRY_VOID(script.take("rename"));
        return haiga::io::local_files::rename(from, to);
    }
    auto remove(path const& file) -> haiga::result<> // the way out is not made to fail
    {
        return haiga::io::local_files::remove(file);
    }
    auto sync_folder(path const& folder) -> haiga::result<>
    {
        HAIGA_TRY_VOID(script.take("sync_folder"));
        return haiga::io::local_files::sync_folder(folder);
    }
};

static_assert(haiga::io::file_system<failing_files>);
static_assert(!haiga::io::file_system<failing_step> && !haiga::io::byte_sink<failing_step>);

} // namespace haiga_test
