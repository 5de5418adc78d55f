#include "haiga/io/available_memory.hpp"

#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace haiga;

TEST_CASE("the memory that is available is read off what Linux tells")
{
    CHECK(io::parse_available_memory("MemTotal:       24101084 kB\nMemFree: 19 kB\n"
                                     "MemAvailable:   22503944 kB\nBuffers: 1 kB\n") ==
          22503944ULL * 1024);
    for (auto const* const text :
         {"", "MemAvailable:", "MemAvailable: ", "MemAvailable: x kB", "MemAvailable: 1",
          "MemAvailable: -1 kB", "MemAvailable: 99999999999999999999 kB",
          "MemAvailable: 18446744073709551615 kB", "MemTotal: 5 kB"}) {
        CAPTURE(text);
        CHECK_FALSE(io::parse_available_memory(text));
    }
    haiga_test::temporary_folder const folder;
    CHECK_FALSE(io::available_memory(folder / "meminfo"));
    std::ofstream(folder / "meminfo") << "MemAvailable: 3 kB\n";
    CHECK(io::available_memory(folder / "meminfo") == 3072);
}

TEST_CASE("what takes more memory than there is, is told with both numbers")
{
    CHECK(io::check_memory("it", 5 << 20, 5 << 20));
    CHECK(io::check_memory("it", 5 << 20, std::nullopt));
    auto const told = io::check_memory("it", 6 << 20, 5 << 20);
    REQUIRE_FALSE(told);
    CHECK(told.error().code == errc::out_of_memory);
    CHECK(told.error().message == "it takes 6 MiB of memory, 5 MiB are available");
}
