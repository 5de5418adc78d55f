#include "haiga/io/publish_folder.hpp"

#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace haiga;
using path = std::filesystem::path;

namespace {

auto fill(path const& folder) -> result<>
{
    std::ofstream(folder / "file") << "whole";
    return {};
}

auto entries(path const& folder) -> std::ptrdiff_t
{
    return std::distance(std::filesystem::directory_iterator(folder), {});
}

} // namespace

TEST_CASE("a folder has its name once it is filled")
{
    haiga_test::temporary_folder const here;
    auto const done = io::publish_folder(here / "made", [&](path const& aside) {
        CHECK(!std::filesystem::exists(here / "made"));
        return fill(aside);
    });
    REQUIRE(done);
    CHECK(std::filesystem::exists(here / "made/file"));
    CHECK(entries(here.path()) == 1);
}

TEST_CASE("where filling fails nothing is left, and what was there stays")
{
    haiga_test::temporary_folder const here;
    auto const failed = io::publish_folder(here / "made", [&](path const& aside) -> result<> {
        static_cast<void>(fill(aside));
        return fail(errc::io, "full");
    });
    CHECK(!failed);
    CHECK(entries(here.path()) == 0);
    REQUIRE(io::publish_folder(here / "made", fill));
    auto const again = io::publish_folder(here / "made", fill);
    REQUIRE(!again);
    CHECK(again.error().code == errc::exists);
    std::ofstream(here / "name") << "a file";
    CHECK(!io::publish_folder(here / "name", fill));
    CHECK(entries(here.path()) == 2);
}

TEST_CASE("what a killed process left is swept away, what a living one fills is not")
{
    haiga_test::temporary_folder const here;
    std::filesystem::create_directory(here / "made.tmp-1-0");
    static_cast<void>(fill(here / "made.tmp-1-0"));
    std::filesystem::create_directory(here / "other.tmp-1-0");
    auto const done = io::publish_folder(here / "made", [&](path const& aside) -> result<> {
        CHECK(io::publish_folder(here / "made", fill)); // another process, meanwhile
        CHECK(std::filesystem::exists(aside));
        std::filesystem::remove_all(here / "made");
        return fill(aside);
    });
    CHECK(done);
    CHECK(!std::filesystem::exists(here / "made.tmp-1-0"));
    CHECK(std::filesystem::exists(here / "other.tmp-1-0"));
    CHECK(std::filesystem::exists(here / "made/file"));
}
