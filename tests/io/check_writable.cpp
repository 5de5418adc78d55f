#include "haiga/io/check_writable.hpp"

#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("a name that can be written to is told from others, and nothing is left behind")
{
    haiga_test::temporary_folder const folder;
    CHECK(io::check_writable(folder / "a.png"));
    CHECK(std::filesystem::is_empty(folder.path()));
    auto const folders = io::check_writable(folder.path());
    REQUIRE(!folders);
    CHECK(folders.error().to_string() == folder.path().string() + ": cannot write: it is a folder");
    auto const missing = io::check_writable(folder / "no" / "a.png");
    REQUIRE(!missing);
    CHECK(missing.error().code == errc::not_found);
}
