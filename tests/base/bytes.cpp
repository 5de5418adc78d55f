#include "haiga/base/bytes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

using namespace haiga;

TEST_CASE("integers are read in both byte orders")
{
    auto const bytes = as_bytes("\x01\x02\x03\x04\xff\x00\x00\x80");
    CHECK(load_le<std::uint8_t>(bytes, 4) == 0xff);
    CHECK(load_le<std::uint16_t>(bytes) == 0x0201);
    CHECK(load_be<std::uint16_t>(bytes) == 0x0102);
    CHECK(load_le<std::uint32_t>(bytes) == 0x0403'0201);
    CHECK(load_be<std::uint32_t>(bytes, 1) == 0x0203'04ff);
    CHECK(load<std::uint16_t>(bytes, 2, std::endian::big) == 0x0304);
}

TEST_CASE("what is stored is loaded")
{
    std::array<std::byte, 11> bytes{};
    store_le<std::uint64_t>(bytes, 3, 0x8899'aabb'ccdd'eeff);
    CHECK(bytes[2] == std::byte{0});
    CHECK(bytes[3] == std::byte{0xff});
    CHECK(bytes[10] == std::byte{0x88});
    CHECK(load_le<std::uint64_t>(bytes, 3) == 0x8899'aabb'ccdd'eeff);
}

TEST_CASE("no offset reads past the end")
{
    std::array<std::byte, 4> bytes{};
    CHECK_THROWS_AS(load_le<std::uint32_t>(bytes, 1), contract_violation);
    CHECK_THROWS_AS(store_le<std::uint16_t>(bytes, 3, 1), contract_violation);
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    CHECK_THROWS_AS(load_le<std::uint32_t>(bytes, most), contract_violation);
    CHECK(has_bytes(bytes, 4, 0));
    CHECK_FALSE(has_bytes(bytes, 5, 0));
    CHECK_FALSE(has_bytes(bytes, 2, most));
}
