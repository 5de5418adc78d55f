#include "haiga/messages/picture_size.hpp"

#include <doctest/doctest.h>

#include <string>

namespace picture_size_test {

using namespace haiga::messages;

auto base64(std::string const& bytes) -> std::string
{
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        auto const part = bytes.substr(i, 3);
        unsigned bits = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            bits = bits << 8U | (k < part.size() ? static_cast<unsigned char>(part[k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += k <= part.size() ? digits[bits >> (18 - 6 * k) & 63U] : '=';
        }
    }
    return text;
}

auto size_of_bytes(std::string const& bytes)
{
    auto const text = base64(bytes);
    return picture_size(base64_view(text));
}

using std::string_literals::operator""s;

TEST_CASE("base64 is read byte by byte")
{
    // RFC 4648, section 10
    for (std::string const text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
        auto const encoded = base64(text);
        base64_view const view(encoded);
        REQUIRE(view.size() == text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            CHECK(view.byte(i) == text[i]);
        }
        CHECK(view.byte(text.size()) == -1);
    }
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64_view("Zm9*").byte(2) == -1);
    CHECK(base64_view("A").size() == 0);
}

TEST_CASE("a picture's header tells its size")
{
    // the layouts are those of the specifications that picture_size.hpp names
    CHECK(size_of_bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0"s) ==
          pixel_size{640, 480});
    CHECK(size_of_bytes("GIF89a\x40\x01\xf0\0"s) == pixel_size{320, 240});
    CHECK(size_of_bytes("RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\xff\x03\0\xff\x01\0"s) ==
          pixel_size{1024, 512});
    CHECK(size_of_bytes("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x40"s) ==
          pixel_size{320, 240}); // the two highest bits scale
    // 14 bits of width - 1, 14 of height - 1: 639 and 479
    CHECK(size_of_bytes("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x7f\xc2\x77\0"s) == pixel_size{640, 480});
    CHECK(size_of_bytes("\xff\xd8\xff\xe0\0\x04zz\xff\xff\xc2\0\x11\x08\x01\xe0\x02\x80\x03"s) ==
          pixel_size{640, 480});
}

TEST_CASE("what is no picture, or ends early, has no size")
{
    std::string const png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0"s;
    for (std::size_t n = 0; n < png.size(); ++n) {
        CHECK_FALSE(size_of_bytes(png.substr(0, n)));
    }
    CHECK_FALSE(size_of_bytes("\xff\xd8\xff\xe0\0\0\xff\xe0"s)); // a segment of no length
    CHECK_FALSE(size_of_bytes("\xff\xd8\xff\xff\xff"s));
    CHECK_FALSE(size_of_bytes("%PDF-1.7"s));
    CHECK_FALSE(size_of(image_block{url_source{"https://example.com"}}));
    CHECK(size_of(image_block{.source = url_source{"u"}, .size = pixel_size{3, 4}}) ==
          pixel_size{3, 4});
}

} // namespace picture_size_test
