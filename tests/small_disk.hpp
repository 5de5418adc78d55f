#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

namespace haiga_test {

inline constexpr char const* not_mounted = "not mounted";

/// Runs body() in a process of its own that sees a small disk at a folder; gives what it returns,
/// or not_mounted where this user may mount nothing. The disk is gone afterwards.
template <class Body>
auto on_small_disk(std::filesystem::path const& at, std::string const& size, Body const& body)
    -> std::string
{
    int ends[2];
    if (::pipe(ends) != 0) {
        throw std::runtime_error("no pipe");
    }
    auto const child = ::fork();
    if (child == 0) {
        bool const mounted =
            (::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) &&
            ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            ::mount("none", at.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
        std::string const told = mounted ? body() : not_mounted;
        ::_exit(::write(ends[1], told.data(), told.size()) < 0 ? 1 : 0);
    }
    ::close(ends[1]);
    std::string told(4096, '\0');
    auto const got = ::read(ends[0], told.data(), told.size());
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    told.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return told;
}

/// Whether a test may do without: only where nobody has said that mounting must work.
inline auto may_skip(std::string const& told) -> bool
{
    return told == not_mounted && std::getenv("HAIGA_TEST_REQUIRE_MOUNT") == nullptr;
}

} // namespace haiga_test
