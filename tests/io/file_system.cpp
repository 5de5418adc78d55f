#include "haiga/io/file_system.hpp"

#include "haiga/io/publish.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <sys/syscall.h>

using namespace haiga;
using haiga_test::temporary_folder;

namespace {

int lock_error = 0; // what flock says in this program instead of locking

} // namespace

// Stands in for the C library's own, here and in the headers.
extern "C" auto flock(int number, int how) noexcept -> int
{
    if (lock_error != 0) {
        errno = lock_error;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_flock, number, how));
}

TEST_CASE("a file that is taken is told from a file system without locks, which leaves nothing")
{
    temporary_folder const folder;
    auto const published = [&](int error) {
        lock_error = error;
        auto const done = io::publish_bytes(folder / "out.bin", {});
        lock_error = 0;
        REQUIRE_FALSE(done);
        return done.error();
    };
    for (int const error : {EOPNOTSUPP, ENOLCK, EIO}) {
        auto const told = published(error);
        CHECK(told.code == errc::io);
        CHECK(told.message == (folder / "out.bin").string() +
                                  ": cannot lock: " + std::generic_category().message(error));
        CHECK(std::filesystem::is_empty(folder.path()));
    }
    CHECK(published(EWOULDBLOCK).code == errc::exists);
}

TEST_CASE("a lock keeps a second writer of the same aside file out")
{
    temporary_folder const folder;
    auto const first = io::local_files::create(folder / "a", "a");
    REQUIRE(first);
    auto const second = io::local_files::create(folder / "a", "a");
    REQUIRE_FALSE(second);
    CHECK(second.error().code == errc::exists);
}
