#include "haiga/io/sink.hpp"

#include "haiga/base/bytes.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

struct no_sync {
    auto write(std::span<std::byte const>) -> result<> { return {}; }
};
struct mute {
    void write(std::span<std::byte const>) {}
    auto sync() -> result<> { return {}; }
};
static_assert(!io::byte_sink<no_sync> && !io::byte_sink<mute> && !io::byte_sink<int>);

} // namespace

TEST_CASE("a memory sink holds what was written, in order")
{
    io::memory_sink sink;
    REQUIRE(sink.write(as_bytes("a")));
    REQUIRE(sink.write({}));
    REQUIRE(sink.write(as_bytes("bc")));
    REQUIRE(sink.sync());
    CHECK(as_text(sink.bytes()) == "abc");
    auto const bytes = std::move(sink).release();
    CHECK(as_text(bytes) == "abc");
}
