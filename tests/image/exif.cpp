#include "haiga/image/exif.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace haiga;
using namespace std::string_literals;
using image::orientation;

namespace {

auto turn(std::string const& exif) { return image::exif_orientation(as_bytes(exif)); }

// TIFF 6.0: byte order, 42, offset of the directory; count; tag, type, count, value; next
auto const little = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"s;
auto const big = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"s;

} // namespace

TEST_CASE("the orientation is read in both byte orders")
{
    CHECK(turn(little) == orientation::turn_right);
    CHECK(turn(big) == orientation::turn_right);
}

TEST_CASE("other entries before it are passed over, and the directory may lie anywhere")
{
    auto const entry = "\x0f\x01\x02\0\x04\0\0\0abc\0"s;
    CHECK(turn("II*\0\x0a\0\0\0xx\x02\0"s + entry + little.substr(10, 12)) ==
          orientation::turn_right);
}

TEST_CASE("what cannot be believed is no orientation")
{
    for (std::size_t length = 0; length < 22; ++length) {
        CAPTURE(length);
        CHECK_FALSE(turn(little.substr(0, length)));
        CHECK_FALSE(turn(big.substr(0, length)));
    }
    auto const changed = [&](std::size_t at, char value) {
        auto exif = little;
        exif[at] = value;
        return turn(exif);
    };
    CHECK_FALSE(changed(0, 'M'));    // II or MM
    CHECK_FALSE(changed(2, 'x'));    // 42
    CHECK_FALSE(changed(7, '\x7f')); // the directory beyond the end
    CHECK_FALSE(changed(8, 0));      // no entries
    CHECK_FALSE(changed(12, 4));     // a LONG
    CHECK_FALSE(changed(14, 2));     // two values
    CHECK_FALSE(changed(18, 0));     // 1 to 8
    CHECK_FALSE(changed(18, 9));
    CHECK(changed(9, '\xff') == orientation::turn_right); // claims 65281 entries, has one
}

TEST_CASE("the block is found in each container; broken ones end the search")
{
    auto const found = [](std::string const& file) {
        return std::string(as_text(image::find_exif(as_bytes(file))));
    };
    auto const app1 = "\xff\xe1\0\x0c"
                      "Exif\0\0body"s;
    CHECK(found("\xff\xd8\xff\xe0\0\x04xx"s + app1) == "body");
    CHECK(found("\xff\xd8\xff\xff"s + app1) == "body"); // a fill byte before the marker
    CHECK(found("\xff\xd8\xff\xe1\0\x0exmp metadata"s + app1) == "body");
    CHECK(found("\xff\xd8\xff\xda\0\x02"s + app1).empty()); // after the start of the scan
    CHECK(found("\xff\xd8\xff\xe0\0\x01"s + app1).empty());
    CHECK(found(("\xff\xd8"s + app1).substr(0, 10)).empty());

    auto const png = "\x89PNG\r\n\x1a\n"s;
    auto const chunk = "\0\0\0\x04"
                       "eXIfbodycrc!"s;
    CHECK(found(png + chunk) == "body");
    CHECK(found(png + "\0\0\0\x02tEXtaacrc!"s + chunk) == "body");
    CHECK(found(png + "\xff\xff\xff\xfftEXtaacrc!"s + chunk).empty());

    auto const webp = "RIFF\0\0\0\0WEBP"s;
    CHECK(found(webp + "VP8 \x03\0\0\0abc\0"s + "EXIF\x0a\0\0\0Exif\0\0body"s) == "body");
    CHECK(found(webp + "EXIF\x04\0\0\0body"s) == "body");
    CHECK(found(webp + "VP8 \xff\xff\xff\xff"
                       "abcEXIF\x04\0\0\0body"s)
              .empty());
    CHECK(found("something else").empty());
}
