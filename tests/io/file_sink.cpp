#include "haiga/io/file_sink.hpp"

#include "haiga/base/bytes.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace haiga;

TEST_CASE("a full disk is one clear line that names the file")
{
    // Linux: every write to /dev/full fails with ENOSPC (full(4))
    if (!std::filesystem::exists("/dev/full")) {
        MESSAGE("skipped: no /dev/full");
        return;
    }
    auto open = io::open_file("/dev/full", O_WRONLY);
    REQUIRE(open);
    io::file_sink sink(*std::move(open), "out/painting.safetensors");
    auto const done = sink.write(as_bytes("x"));
    REQUIRE_FALSE(done);
    CHECK(done.error().code == errc::io);
    CHECK(done.error().message == "out/painting.safetensors: cannot write: the disk is full");
}
