#include "haiga/io/read_file.hpp"

#include "haiga/base/bytes.hpp"
#include "haiga/io/mapped_file.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fstream>
#include <string>

using namespace haiga;
using haiga_test::temporary_folder;

TEST_CASE("a file is read whole, up to a limit")
{
    temporary_folder const folder;
    auto const file = folder / "text";
    std::ofstream(file) << "hello";
    auto const bytes = io::read_file(file, 5);
    REQUIRE(bytes);
    CHECK(as_text(*bytes) == "hello");
    auto const large = io::read_file(file, 4);
    REQUIRE_FALSE(large);
    CHECK(large.error().code == errc::too_large);
    CHECK(large.error().message == file.string() + ": 5 bytes, at most 4 are read");
}

TEST_CASE("reading and mapping tell apart what is not there and what is no file")
{
    temporary_folder const folder;
    auto const lost = folder / "lost";
    for (auto const& error :
         {io::read_file(lost, 9).error(), io::mapped_file::open(lost).error()}) {
        CHECK(error.code == errc::not_found);
        CHECK(error.message == lost.string() + ": cannot open: no such file or folder");
    }
    auto const& root = folder.path();
    for (auto const& error :
         {io::read_file(root, 9).error(), io::mapped_file::open(root).error()}) {
        CHECK(error.code == errc::invalid);
        CHECK(error.message == root.string() + ": not a regular file");
    }
}

TEST_CASE("a pipe that nobody writes to is refused at once")
{
    temporary_folder const folder;
    auto const pipe = folder / "a.jpg";
    REQUIRE(::mkfifo(pipe.c_str(), 0666) == 0);
    for (auto const& error :
         {io::read_file(pipe, 9).error(), io::mapped_file::open(pipe).error()}) {
        CHECK(error.message == pipe.string() + ": not a regular file");
    }
}
