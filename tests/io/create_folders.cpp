#include "haiga/io/create_folders.hpp"

#include "tests/io/failing_files.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace haiga;
using haiga_test::temporary_folder;

namespace {

/// Makes folders and keeps which ones were synced.
struct watched_files : io::local_files {
    std::vector<path> synced;

    auto sync_folder(path const& folder) -> result<>
    {
        synced.push_back(folder);
        return io::local_files::sync_folder(folder);
    }
};

} // namespace

TEST_CASE("every folder that got a new name in it is synced, and no other")
{
    temporary_folder const folder;
    watched_files files;
    REQUIRE(io::create_folders(files, folder / "a" / "b" / "c"));
    CHECK(std::filesystem::is_directory(folder / "a" / "b" / "c"));
    CHECK(files.synced ==
          std::vector<std::filesystem::path>{folder / "a" / "b", folder / "a", folder.path()});
    files.synced.clear();
    REQUIRE(io::create_folders(files, folder / "a" / "b"));
    CHECK(files.synced.empty());
    REQUIRE(io::create_folders(files, folder / "d" / ""));
    CHECK(files.synced.back() == folder.path());
}

TEST_CASE("a folder that cannot be made, or not be synced, is one line")
{
    temporary_folder const folder;
    std::ofstream(folder / "file") << "not a folder";
    watched_files files;
    auto const made = io::create_folders(files, folder / "file" / "inner");
    REQUIRE_FALSE(made);
    CHECK(made.error().to_string() ==
          (folder / "file" / "inner").string() + ": cannot create: Not a directory");
    haiga_test::failing_files failing;
    failing.script.fails_at = 1;
    auto const synced = io::create_folders(failing, folder / "x" / "y");
    REQUIRE_FALSE(synced);
    CHECK(synced.error().message == "the test fails this sync_folder");
}
