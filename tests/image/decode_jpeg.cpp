#include "haiga/image/decode_jpeg.hpp"

#include "tests/image/make_jpeg.hpp"
#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using haiga_test::make_jpeg;

namespace {

/// Inks as Adobe's programs store them: 255 is no ink.
auto inverted_inks() -> image::pixels
{
    auto const rgb = haiga_test::gradient(16, 16);
    image::pixels inks(16, 16, 4);
    for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 16; ++x) {
            for (int c = 0; c < 3; ++c) {
                inks(x, y, c) = rgb(x, y, c);
            }
            inks(x, y, 3) = 255;
        }
    }
    return inks;
}

} // namespace

TEST_CASE("inks become the colours that they leave, inverted or not, plain or as YCCK")
{
    auto const rgb = haiga_test::gradient(16, 16);
    auto inks = inverted_inks();
    // quality 100 still rounds its cosines, and YCCK its colours: a few levels
    constexpr int tolerance = 4;
    for (auto const stored : {JCS_CMYK, JCS_YCCK}) {
        auto const adobe = image::decode_jpeg(make_jpeg(inks, {stored, true}));
        REQUIRE(adobe);
        CHECK(haiga_test::largest_difference(*adobe, rgb) <= tolerance);
    }
    for (auto& ink : inks.values) {
        ink = static_cast<std::uint8_t>(255 - ink);
    }
    auto const plain = image::decode_jpeg(make_jpeg(inks, {JCS_CMYK, false}));
    REQUIRE(plain);
    CHECK(haiga_test::largest_difference(*plain, rgb) <= tolerance);
}

TEST_CASE("a photograph that was cut off has no grey half: it is refused")
{
    for (bool const progressive : {false, true}) {
        auto const file = make_jpeg(haiga_test::pattern(200, 150), {.progressive = progressive});
        REQUIRE(image::decode_jpeg(file));
        for (auto const part : {0.3, 0.5, 0.9, 0.999}) {
            auto const length = static_cast<std::size_t>(part * static_cast<double>(file.size()));
            auto const cut = image::decode_jpeg(std::span(file).first(length));
            REQUIRE_FALSE(cut);
            CHECK(cut.error().code == errc::truncated);
            CHECK(cut.error().message == "truncated JPEG: Premature end of JPEG file");
        }
    }
}

TEST_CASE("a progressive picture may not have scans without end")
{
    auto file = make_jpeg(haiga_test::gradient(8, 8), {.progressive = true});
    // the last scan (its marker, header and data) again and again before the end of the picture
    auto last = file.size() - 2;
    while (file[last] != std::byte{0xff} || file[last + 1] != std::byte{0xda}) {
        --last;
    }
    std::vector<std::byte> const scan(file.begin() + static_cast<std::ptrdiff_t>(last),
                                      file.end() - 2);
    for (int i = 0; i < 600; ++i) {
        file.insert(file.end() - 2, scan.begin(), scan.end());
    }
    auto const picture = image::decode_jpeg(file);
    REQUIRE_FALSE(picture);
    CHECK(picture.error().code == errc::invalid);
}
