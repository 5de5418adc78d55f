#include "haiga/io/publish.hpp"

#include "haiga/base/bytes.hpp"
#include "haiga/io/read_file.hpp"
#include "tests/io/failing_files.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

using namespace haiga;
using haiga_test::failing_files;
using haiga_test::temporary_folder;

namespace {

auto content(std::filesystem::path const& file) -> std::string
{
    auto const bytes = io::read_file(file, 1000);
    return bytes ? std::string(as_text(*bytes)) : bytes.error().message;
}

auto files_in(std::filesystem::path const& folder) -> int
{
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder),
                                          std::filesystem::directory_iterator()));
}

constexpr auto write_two_pieces = [](io::byte_sink auto& sink) -> result<> {
    HAIGA_TRY_VOID(sink.write(as_bytes("new ")));
    return sink.write(as_bytes("content"));
};

} // namespace

TEST_CASE("a file is published, and published again")
{
    temporary_folder const folder;
    auto const file = folder / "out.bin";
    REQUIRE(io::publish_bytes(file, as_bytes("old")));
    CHECK(content(file) == "old");
    REQUIRE(io::publish_file(file, write_two_pieces));
    CHECK(content(file) == "new content");
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("nothing is visible while it is written, and the steps are in the order that is safe")
{
    temporary_folder const folder;
    auto const file = folder / "out.bin";
    failing_files files;
    REQUIRE(io::publish_file(files, file, [&](auto& sink) {
        CHECK_FALSE(std::filesystem::exists(file));
        return write_two_pieces(sink);
    }));
    std::vector<std::string> const expected = {"create", "write",  "write",
                                               "sync",   "rename", "sync_folder"};
    CHECK(files.script.steps == expected);
}

TEST_CASE("whichever step fails, the name holds what it held before")
{
    for (bool const earlier : {false, true}) {
        for (int step = 0; step < 6; ++step) {
            CAPTURE(earlier);
            CAPTURE(step);
            temporary_folder const folder;
            auto const file = folder / "out.bin";
            if (earlier) {
                REQUIRE(io::publish_bytes(file, as_bytes("old")));
            }
            failing_files files;
            files.script.fails_at = step;
            auto const done = io::publish_file(files, file, write_two_pieces);
            REQUIRE_FALSE(done);
            CHECK(done.error().message == "the test fails this " + files.script.steps.back());
            bool const renamed =
                step == 5; // only the folder's own sync failed: the new file is whole
            CHECK(files_in(folder.path()) == (earlier || renamed ? 1 : 0));
            if (earlier || renamed) {
                CHECK(content(file) == (renamed ? "new content" : "old"));
            }
        }
    }
}

TEST_CASE("what a killed writer left of a file goes with the next one; of others it stays")
{
    temporary_folder const folder;
    auto const file = folder / "out.bin";
    for (auto const* const name : {"out.bin.tmp-99-0", "out.bin.tmp-99-1", "my.out.bin.tmp-99-0",
                                   "other.tmp-99-0", "out.bin.tmp"}) {
        REQUIRE(io::publish_bytes(folder / name, as_bytes("half")));
    }
    auto const busy = folder / "out.bin.tmp-1-0";
    auto const writer = io::local_files::create(busy, file);
    REQUIRE(writer);
    REQUIRE(io::publish_bytes(file, as_bytes("whole")));
    CHECK_FALSE(std::filesystem::exists(folder / "out.bin.tmp-99-0"));
    CHECK_FALSE(std::filesystem::exists(folder / "out.bin.tmp-99-1"));
    CHECK(std::filesystem::exists(busy));
    CHECK(files_in(folder.path()) == 5); // it, the busy one and three of other names
}

TEST_CASE("a writer's own failure, and its exception, leave nothing")
{
    temporary_folder const folder;
    auto const file = folder / "out.bin";
    auto const done = io::publish_file(
        file, [](auto&) -> result<> { return fail(errc::invalid, "no such tensor"); });
    REQUIRE_FALSE(done);
    CHECK(done.error().message == "no such tensor");
    CHECK_THROWS_AS(static_cast<void>(io::publish_file(
                        file, [](auto&) -> result<> { throw std::runtime_error("stop"); })),
                    std::runtime_error);
    CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("a folder that is not there, and a target that is a folder, are one clear line")
{
    temporary_folder const folder;
    auto const lost = folder / "lost" / "out.bin";
    auto const missing = io::publish_bytes(lost, {});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == errc::not_found);
    CHECK(missing.error().message == lost.string() + ": cannot create: no such file or folder");

    auto const target = folder / "inner";
    std::filesystem::create_directory(target);
    auto const taken = io::publish_bytes(target, {});
    REQUIRE_FALSE(taken);
    CHECK(taken.error().message == target.string() + ": cannot create: Is a directory");
    CHECK(files_in(folder.path()) == 1);
}

namespace {

/// Root may write everywhere: while this lives, the process is nobody.
class without_root {
public:
    without_root() { REQUIRE((root_ ? ::seteuid(nobody) : 0) == 0); }
    without_root(without_root const&) = delete;
    auto operator=(without_root const&) -> without_root& = delete;
    ~without_root()
    {
        if (root_ && ::seteuid(0) != 0) {
            std::abort();
        }
    }

private:
    static constexpr uid_t nobody = 65534;
    bool root_ = ::geteuid() == 0;
};

} // namespace

TEST_CASE("an unwritable folder is one clear line")
{
    temporary_folder const folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    auto const file = folder / "out.bin";
    auto const done = [&] {
        without_root const now;
        return io::publish_bytes(file, {});
    }();
    REQUIRE_FALSE(done);
    CHECK(done.error().message == file.string() + ": cannot create: Permission denied");
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
}
