#include "haiga/base/version.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

TEST_CASE("the version is the build's")
{
    auto const here = std::filesystem::path(__FILE__).parent_path();
    std::ifstream build(here.parent_path().parent_path() / "CMakeLists.txt");
    std::string line;
    while (std::getline(build, line) && !line.starts_with("project(haiga ")) {
    }
    if (!build) {
        MESSAGE("not run: the sources are elsewhere");
        return;
    }
    CHECK(line.find(" VERSION " + std::string(haiga::version) + " ") != std::string::npos);
}
