#include "haiga/io/aside.hpp"

#include "haiga/io/file_system.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace haiga;
using haiga_test::temporary_folder;

TEST_CASE("aside names lie beside their target and are recognised")
{
    auto const name = io::aside_name("folder/out.png");
    CHECK(name.parent_path() == "folder");
    CHECK(io::is_aside(name));
    CHECK(name != io::aside_name("folder/out.png"));
    for (auto const* const other : {"out.png", "out.tmp-", "out.tmp-1", "out.tmp-1-", "out.tmp--2",
                                    "out.tmp-1-2x", ".tmp-1-2", "tmp-1-2", "out.tmp-1-2-3"}) {
        CAPTURE(other);
        CHECK_FALSE(io::is_aside(other));
    }
}

TEST_CASE("what a killed process left is removed; what is being written, and all else, stays")
{
    temporary_folder const folder;
    auto const stale = folder / "out.png.tmp-99-0";
    auto const other = folder / "notes.tmp";
    std::ofstream(stale) << "half";
    std::ofstream(other) << "mine";
    auto const busy = io::aside_name(folder / "out.png");
    {
        auto const sink = io::local_files::create(busy, "out.png");
        REQUIRE(sink);
        CHECK(io::remove_stale_asides(folder.path()) == 1);
        CHECK_FALSE(std::filesystem::exists(stale));
        CHECK(std::filesystem::exists(busy));
    }
    CHECK(io::remove_stale_asides(folder.path()) == 1); // its writer is gone now
    CHECK_FALSE(std::filesystem::exists(busy));
    CHECK(std::filesystem::exists(other));
    auto const missing = io::remove_stale_asides(folder / "lost");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == errc::not_found);
}
