#include "haiga/base/crc32.hpp"

#include "haiga/base/philox.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace haiga;

namespace {

auto crc_of(std::span<std::byte const> bytes) -> std::uint32_t
{
    crc32 sum;
    sum.add(bytes);
    return sum.value();
}

/// The definition: a bit at a time.
auto by_bits(std::span<std::byte const> bytes) -> std::uint32_t
{
    std::uint32_t state = ~std::uint32_t{0};
    for (auto const byte : bytes) {
        state ^= std::to_integer<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            state = (state & 1U) != 0 ? (state >> 1U) ^ 0xedb8'8320U : state >> 1U;
        }
    }
    return ~state;
}

auto random_bytes(std::size_t count) -> std::vector<std::byte>
{
    std::vector<float> noise(count);
    philox{1}.at(0, 0).fill_normal(noise);
    std::vector<std::byte> bytes;
    for (float const n : noise) {
        bytes.push_back(static_cast<std::byte>(static_cast<int>(n * 64) & 0xff));
    }
    return bytes;
}

} // namespace

TEST_CASE("crc32 gives the published check value")
{
    CHECK(crc_of(as_bytes("123456789")) == 0xcbf4'3926U); // ISO-HDLC's in the catalogue of CRCs
    CHECK(crc_of({}) == 0);
}

TEST_CASE("crc32 is its definition at every length and alignment, in one piece or several")
{
    auto const bytes = random_bytes(700);
    for (std::size_t begin = 0; begin < 17; ++begin) {
        for (std::size_t length = 0; begin + length <= bytes.size(); length += 1 + length / 5) {
            auto const part = std::span(bytes).subspan(begin, length);
            REQUIRE(crc_of(part) == by_bits(part));
            crc32 sum;
            sum.add(part.first(length / 3));
            sum.add(part.subspan(length / 3));
            REQUIRE(sum.value() == by_bits(part));
        }
    }
}
