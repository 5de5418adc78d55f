#include "haiga/io/mapped_file.hpp"

#include "haiga/base/bytes.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <utility>

using namespace haiga;
using haiga_test::temporary_folder;

TEST_CASE("a mapped file shows its bytes, and moving it does not move them")
{
    temporary_folder const folder;
    auto const file = folder / "text";
    std::ofstream(file) << "hello";
    auto mapped = io::mapped_file::open(file);
    REQUIRE(mapped);
    CHECK(as_text(mapped->bytes()) == "hello");
    auto const* const start = mapped->bytes().data();
    io::mapped_file other;
    other = *std::move(mapped);
    CHECK(other.bytes().data() == start);
    CHECK(mapped->bytes().empty());
    std::filesystem::remove(file);
    CHECK(as_text(other.bytes()) == "hello");
}

TEST_CASE("an empty file maps to nothing")
{
    temporary_folder const folder;
    std::ofstream(folder / "empty").flush();
    auto const mapped = io::mapped_file::open(folder / "empty");
    REQUIRE(mapped);
    CHECK(mapped->bytes().empty());
}
