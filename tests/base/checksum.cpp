#include "haiga/base/checksum.hpp"

#include "haiga/base/bytes.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace haiga;

namespace {

auto crc64_of(std::string_view text) -> std::uint64_t
{
    crc64 sum;
    sum.add(as_bytes(text));
    return sum.value();
}

} // namespace

TEST_CASE("CRC-64/XZ has its published check value")
{
    // "check" of CRC-64/XZ in Greg Cook's Catalogue of parametrised CRC algorithms
    CHECK(crc64_of("123456789") == 0x995dc9bbdf1939faU);
    CHECK(crc64_of("") == 0);
}

TEST_CASE("pieces count like the whole")
{
    std::string_view const text = "photographs in, a trained model out";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        crc64 sum;
        sum.add(as_bytes(text.substr(0, cut)));
        sum.add(as_bytes(text.substr(cut)));
        CHECK(sum.value() == crc64_of(text));
    }
}

TEST_CASE("every burst of up to 64 wrong bits is told")
{
    std::string const text(40, 'h'); // a CRC of 64 bits misses no such burst
    auto const whole = crc64_of(text);
    for (std::size_t first = 0; first < text.size(); ++first) {
        for (std::size_t length = 1; length <= 8 && first + length <= text.size(); ++length) {
            auto damaged = text;
            for (auto i = first; i < first + length; ++i) {
                damaged[i] = static_cast<char>(damaged[i] ^ static_cast<char>(1 + i % 127));
            }
            CHECK(crc64_of(damaged) != whole);
        }
    }
}
